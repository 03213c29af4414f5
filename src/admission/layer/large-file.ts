// A file of a layer that is too large for memory: it goes to the disk as it comes, and those who look into it read the parts they need.

import { readSync } from "node:fs";
import { tmpdir } from "node:os";
import { UnnamedFile } from "../../base/unnamed-file.ts";
import type { LargeBytes } from "../../inventory/bytes.ts";
import type { ContentSink } from "../../model/layer.ts";

export interface LargeSink extends ContentSink {
  /** Gives the disk's space back; the layer may end in the middle of the file. */
  close(): void;
}

/** @param use gets the content, valid only during the call; not called when the disk was too small for it */
export function largeSink(use: (content: LargeBytes) => void): LargeSink {
  const file = UnnamedFile.open(tmpdir());
  let isClosed = false;
  let isWhole = true;
  const close = (): void => {
    if (!isClosed) file.close();
    isClosed = true;
  };
  return {
    write(chunk) {
      isWhole = false;
      file.appendNow(chunk);
      isWhole = true;
    },
    end() {
      try {
        if (isWhole) use({ length: file.size, read: (at, length) => readWhole(file.descriptor, at, length) });
      } finally {
        close();
      }
    },
    close,
  };
}

function readWhole(descriptor: number, at: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let read = 0; read < length; ) {
    const taken = readSync(descriptor, bytes, read, length - read, at + read);
    if (taken === 0) throw new RangeError("a temporary file is shorter than what was written to it");
    read += taken;
  }
  return bytes;
}
