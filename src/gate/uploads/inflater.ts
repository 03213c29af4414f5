// The inflating of an upload on the side, while its bytes go on to the engine as they came.

import { createGunzip, createZstdDecompress } from "node:zlib";
import { errorText, PlimsollError } from "../../base/errors.ts";

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
