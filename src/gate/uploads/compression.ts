// How an upload is compressed, told by its first bytes exactly as the engine tells it, and the inflating on the side.
// Source: moby pkg/archive, DetectCompression.

import { createGunzip, createZstdDecompress } from "node:zlib";
import { errorText, PlimsollError } from "../../base/errors.ts";

export type Compression = "none" | "gzip" | "zstd" | "bzip2" | "xz";

/** Bytes that are needed to tell. */
export const magicBytes = 10;

export function detectCompression(start: Buffer): Compression {
  if (startsWith(start, [0x42, 0x5a, 0x68])) return "bzip2";
  if (startsWith(start, [0x1f, 0x8b, 0x08])) return "gzip";
  if (startsWith(start, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])) return "xz";
  if (startsWith(start, [0x28, 0xb5, 0x2f, 0xfd])) return "zstd";
  const isSkippableFrame = ((start[0] ?? 0) & 0xf0) === 0x50 && startsWith(start.subarray(1), [0x2a, 0x4d, 0x18]);
  return isSkippableFrame ? "zstd" : "none";
}

export interface Inflater {
  /** Resolves when everything that these bytes contain has been handed over. */
  push(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
}

/** @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED (from push and finish), and whatever `take` throws */
export function createInflater(kind: "gzip" | "zstd", maxBytes: number, take: (bytes: Buffer) => void): Inflater {
  const stream = kind === "gzip" ? createGunzip(options) : createZstdDecompress(options);
  let inflated = 0;
  let hasEnded = false;
  let failure: unknown;
  stream.on("data", (bytes: Buffer) => {
    inflated += bytes.length;
    try {
      if (inflated > maxBytes) throw tooLarge(maxBytes);
      take(bytes);
    } catch (error) {
      failure ??= error;
      stream.destroy();
    }
  });
  stream.on("end", () => {
    hasEnded = true;
  });
  stream.on("error", (error) => {
    failure ??= broken(kind, errorText(error), error);
  });
  const settled = (work: (done: () => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const done = (): void => {
        stream.off("close", done);
        if (failure === undefined) resolve();
        else reject(failure);
      };
      if (failure !== undefined || stream.destroyed) return done();
      stream.once("close", done);
      work(done);
    });
  return {
    push: (bytes) =>
      settled((done) => {
        if (hasEnded) failure ??= broken(kind, "data after its end");
        if (hasEnded) done();
        else stream.write(bytes, done);
      }),
    finish: () =>
      settled((done) => {
        stream.once("end", done);
        stream.end();
      }),
  };
}

const options = { chunkSize: 256 * 1024 };

function startsWith(bytes: Buffer, start: readonly number[]): boolean {
  return start.every((byte, at) => bytes[at] === byte);
}

function tooLarge(maxBytes: number): PlimsollError {
  return new PlimsollError("LIMIT_EXCEEDED", `tar upload: it inflates to more than ${maxBytes} bytes`, {
    hint: "send less, or raise the limit in the configuration",
  });
}

function broken(kind: string, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError("MALFORMED_INPUT", `tar upload: not valid ${kind}: ${what}`, {
    hint: "compress the archive again",
    cause,
  });
}
