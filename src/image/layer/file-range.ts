// The bytes of a part of a file, in large pieces, with the next piece read while one is looked at.

import { closeSync, constants, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { PlimsollError } from "../../base/errors.ts";
import { asFileError } from "../file-error.ts";
import { pieceBytes } from "./layer-hash.ts";

export type FileRange = { readonly path: string; readonly offset: number; readonly length: number };

/**
 * @param memory for each piece; without it a piece is valid until the next but one is asked for
 * @throws PlimsollError MALFORMED_INPUT when the file ends before the range does
 */
export async function* readFileRange(range: FileRange, memory: () => Buffer = byTurns()): AsyncGenerator<Buffer> {
  const file = await open(range.path, "r").catch((error: unknown) => {
    throw asFileError(range.path, error);
  });
  try {
    const end = range.offset + range.length;
    let coming = range.length > 0 ? readPiece(file, memory(), range.offset, end) : undefined;
    let at = range.offset;
    while (coming !== undefined) {
      const piece = await coming;
      if (piece.length === 0) throw cut(range, at);
      at += piece.length;
      coming = at < end ? readPiece(file, memory(), at, end) : undefined;
      coming?.catch(ignore);
      yield piece;
    }
  } finally {
    await file.close();
  }
}

/** What has become a pipe meanwhile holds nobody up: it has nothing to read. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK;
/** Others of this thread have their turn after so many bytes. */
const bytesAtOnce = 16 * pieceBytes;

/**
 * The same without help from other threads; a piece is valid until the next but one is asked for: zlib still has it then.
 * @throws PlimsollError as readFileRange
 */
export async function* readFileRangeHere(range: FileRange): AsyncGenerator<Buffer> {
  const file = orFileError(range.path, () => openSync(range.path, openFlags));
  let [buffer, other] = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)];
  try {
    const end = range.offset + range.length;
    for (let at = range.offset, turn = at + bytesAtOnce; at < end; ) {
      [buffer, other] = [other, buffer];
      const [into, wanted, from] = [buffer, Math.min(buffer.length, end - at), at];
      const length = orFileError(range.path, () => readSync(file, into, 0, wanted, from));
      if (length === 0) throw cut(range, at);
      at += length;
      yield into.subarray(0, length);
      if (at < turn) continue;
      turn = at + bytesAtOnce;
      await nextTurn();
    }
  } finally {
    closeSync(file);
  }
}

function orFileError<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw asFileError(path, error);
  }
}

/** One that is looked at, one that waits, one that is read into. */
function byTurns(): () => Buffer {
  const buffers = Array.from({ length: 3 }, () => Buffer.allocUnsafe(pieceBytes));
  return () => {
    const [next = Buffer.alloc(pieceBytes)] = buffers.splice(0, 1);
    buffers.push(next);
    return next;
  };
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
