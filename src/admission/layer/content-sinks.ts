// Sinks for the bytes of one file: the whole content for catalogers, and one that serves several.

import type { ContentSink } from "../../model/layer.ts";

/**
 * Gathers a whole file. Most arrive in one chunk: those are handed on without a copy.
 * @param use gets the content, valid only during the call
 */
export function wholeSink(size: number, use: (content: Uint8Array) => void): ContentSink {
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
      gathered ??= Buffer.allocUnsafe(size);
      gathered.set(chunk.byteLength > size - end ? chunk.subarray(0, size - end) : chunk, end);
      end += Math.min(chunk.byteLength, size - end);
    },
    end() {
      if (!isUsed) use(gathered === undefined ? new Uint8Array(0) : gathered.subarray(0, end));
      gathered = undefined;
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
