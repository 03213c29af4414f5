// The bytes of a part of a file, in large pieces, with the next piece read while one is looked at.

import { type FileHandle, open } from "node:fs/promises";
import { PlimsollError } from "../../base/errors.ts";
import { asFileError } from "../file-error.ts";

const pieceBytes = 512 * 1024;

export type FileRange = { readonly path: string; readonly offset: number; readonly length: number };

/** Each piece is valid until the next is asked for. @throws PlimsollError MALFORMED_INPUT when the file ends before the range does */
export async function* readFileRange(range: FileRange): AsyncGenerator<Buffer> {
  const file = await open(range.path, "r").catch((error: unknown) => {
    throw asFileError(range.path, error);
  });
  try {
    const buffers = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)] as const;
    const end = range.offset + range.length;
    let coming = range.length > 0 ? readPiece(file, buffers[0], range.offset, end) : undefined;
    let at = range.offset;
    for (let turn = 1; coming !== undefined; turn += 1) {
      const piece = await coming;
      if (piece.length === 0) throw cut(range, at);
      at += piece.length;
      coming = at < end ? readPiece(file, turn % 2 === 0 ? buffers[0] : buffers[1], at, end) : undefined;
      coming?.catch(ignore);
      yield piece;
    }
  } finally {
    await file.close();
  }
}

async function readPiece(file: FileHandle, buffer: Buffer, at: number, end: number): Promise<Buffer> {
  const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - at), at);
  return buffer.subarray(0, bytesRead);
}

/** It is awaited in its turn, unless the reader gives up before. */
function ignore(): void {}

function cut({ path }: FileRange, at: number): PlimsollError {
  return new PlimsollError("MALFORMED_INPUT", `${path}: it ends at byte ${at}, in the middle of a layer`, {
    hint: "copy the archive again",
  });
}
