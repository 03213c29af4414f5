// Sinks for the bytes of one file: the whole content for catalogers, and one that serves several.

import type { ContentSink } from "../../model/layer.ts";

/** Room for the bytes of one file after the other: a layer's files come one at a time, and memory anew for each costs more than reading it. */
export class Scratch {
  #bytes: Buffer<ArrayBuffer> = Buffer.alloc(0);

  /** Valid until the next call. */
  take(size: number): Buffer {
    if (this.#bytes.length < size) {
      this.#bytes.buffer.transfer(0);
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(size, firstScratchBytes));
    }
    return this.#bytes.subarray(0, size);
  }

  /** The file is done with: what was made for a huge one is not kept for small ones, nor left to the collector. */
  done(): void {
    if (this.#bytes.length <= maxKeptBytes) return;
    this.#bytes.buffer.transfer(0);
    this.#bytes = Buffer.alloc(0);
  }
}

const firstScratchBytes = 4 * 1024 * 1024;
const maxKeptBytes = 16 * 1024 * 1024;

/**
 * Gathers a whole file. Most arrive in one chunk: those are handed on without a copy.
 * @param use gets the content, valid only during the call
 */
export function wholeSink(size: number, scratch: Scratch, use: (content: Uint8Array) => void): ContentSink {
  let gathered: Buffer | undefined;
  let end = 0;
  let isUsed = false;
  return {
    write(chunk) {
      if (gathered === undefined && chunk.byteLength === size) {
        isUsed = true;
        use(chunk);
        return;
      }
      gathered ??= scratch.take(size);
      gathered.set(chunk.byteLength > size - end ? chunk.subarray(0, size - end) : chunk, end);
      end += Math.min(chunk.byteLength, size - end);
    },
    end() {
      if (!isUsed) use(gathered === undefined ? new Uint8Array(0) : gathered.subarray(0, end));
      gathered = undefined;
      scratch.done();
    },
  };
}

/** @returns undefined when nobody wants the bytes */
export function joinSinks(sinks: readonly ContentSink[]): ContentSink | undefined {
  const [first, ...others] = sinks;
  if (first === undefined || others.length === 0) return first;
  return {
    write(chunk) {
      for (const sink of sinks) sink.write(chunk);
    },
    end() {
      for (const sink of sinks) sink.end();
    },
  };
}
