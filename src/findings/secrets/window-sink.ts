// Gives the bytes of a file to a scanner in blocks that overlap, so that nothing is cut in two: every occurrence is seen
// once, with `reach` bytes after it and `lookBack` bytes before it, where the file has them.

import type { ContentSink } from "../../model/layer.ts";

export type Block = {
  /** Valid only during the call. */
  readonly bytes: Uint8Array;
  readonly end: number;
  /** Occurrences that begin before this offset were seen in the block before. */
  readonly from: number;
  /** Occurrences that begin at this offset or later come again in the next block. */
  readonly to: number;
  /** Line breaks of the file before offset 0 of this block; not counted in programs. */
  readonly linesBefore: number;
};

export type WindowOptions = {
  readonly lookBack: number;
  readonly reach: number;
  /** Bytes in a block; more than twice `reach` and `lookBack` together. */
  readonly blockBytes: number;
  /** Size of the file: one that comes in one piece is not copied. */
  readonly size: number;
  readonly hasLines: boolean;
  readonly buffers: BufferPool;
};

/** Blocks that are used again and again: one for each file that is open at a time. */
export class BufferPool {
  readonly #free: Uint8Array[] = [];
  readonly #bytes: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(this.#bytes);
  }

  give(buffer: Uint8Array): void {
    if (this.#free.length < 4) this.#free.push(buffer);
  }
}

export function windowSink(options: WindowOptions, scan: (block: Block) => void): ContentSink {
  const { lookBack, reach, size, buffers } = options;
  let buffer: Uint8Array | undefined;
  let filled = 0;
  let from = 0;
  let linesBefore = 0;
  let isDone = false;
  const process = (bytes: Uint8Array, to: number): void => scan({ bytes, end: filled, from, to, linesBefore });
  const advance = (bytes: Uint8Array): void => {
    const to = filled - reach;
    process(bytes, to);
    const keep = Math.max(0, to - lookBack);
    if (options.hasLines) linesBefore += countLines(bytes, keep);
    bytes.copyWithin(0, keep, filled);
    filled -= keep;
    from = to - keep;
  };
  return {
    write(chunk) {
      if (buffer === undefined && chunk.length === size && chunk.byteOffset % 4 === 0) {
        scan({ bytes: chunk, end: size, from: 0, to: size, linesBefore: 0 });
        isDone = true;
        return;
      }
      buffer ??= buffers.take();
      for (let at = 0; at < chunk.length; ) {
        const taken = Math.min(chunk.length - at, options.blockBytes - filled);
        buffer.set(chunk.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled === options.blockBytes) advance(buffer);
      }
    },
    end() {
      if (buffer === undefined || isDone) return;
      process(buffer, filled);
      buffers.give(buffer);
      buffer = undefined;
      isDone = true;
    },
  };
}

/** Line breaks in bytes[0..end). */
export function countLines(bytes: Uint8Array, end: number): number {
  let lines = 0;
  for (let at = 0; at < end; at += 1) if (bytes[at] === 0x0a) lines += 1;
  return lines;
}
