// Bytes that can be asked for by place: a file, or a piece of memory (an archive inside an archive).

import { fstatSync, readSync } from "node:fs";
import { malformed } from "../errors.ts";

export interface ByteSource {
  readonly size: number;
  /** Exactly so many bytes. @throws PlimsollError MALFORMED_INPUT when they are not there */
  read(offset: number, length: number): Uint8Array;
}

export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.byteLength,
    read(offset, length) {
      checkBounds(offset, length, bytes.byteLength);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** @param descriptor of a regular file, open for reading; stays the caller's */
export function fileSource(descriptor: number): ByteSource {
  const size = fstatSync(descriptor).size;
  return {
    size,
    read(offset, length) {
      checkBounds(offset, length, size);
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const count = readSync(descriptor, bytes, done, length - done, offset + done);
        if (count === 0) throw malformed("zip", "the file became shorter while it was read");
        done += count;
      }
      return bytes;
    },
  };
}

function checkBounds(offset: number, length: number, size: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= size) return;
  throw malformed("zip", `${length} bytes at ${offset} are outside of the archive of ${size} bytes`);
}
