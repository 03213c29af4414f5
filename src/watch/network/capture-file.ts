// A file that only ever ends at the end of a block: what does not fit whole is taken back.

import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { errorText, PlimsollError } from "../../base/errors.ts";

const standardOutput = 1;

export class CaptureFile {
  readonly #fd: number;
  #bytes = 0;

  /** @param file must not exist yet; - is standard output @throws PlimsollError USAGE */
  constructor(file: string) {
    this.#fd = file === "-" ? standardOutput : create(file);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws Error of the system: the disk is full, the reader is gone */
  append(block: Uint8Array): void {
    try {
      for (let at = 0; at < block.length; ) at += writeSync(this.#fd, block, at);
    } catch (error) {
      if (this.#fd !== standardOutput) ftruncateSync(this.#fd, this.#bytes);
      throw error;
    }
    this.#bytes += block.length;
  }

  close(): void {
    if (this.#fd !== standardOutput) closeSync(this.#fd);
  }
}

function create(file: string): number {
  try {
    // Packets hold secrets: for nobody else to read, and no link is followed into another file.
    return openSync(file, "wx", 0o600);
  } catch (cause) {
    throw new PlimsollError("USAGE", `${file}: cannot be made: ${errorText(cause)}`, {
      hint: "name a file that does not exist yet, in a folder that you may write",
      cause,
    });
  }
}
