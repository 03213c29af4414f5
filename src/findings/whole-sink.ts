// Collects a file's whole content, up to a limit, and gives it on at the end.

import type { ContentSink } from "../model/layer.ts";

export type WholeOptions = {
  /** Of the file, in bytes. */
  readonly size: number;
  /** Larger files are not collected, and that is said. */
  readonly maxBytes: number;
  readonly problem: (what: string) => void;
};

/** @param take gets bytes that are its own */
export function wholeSink(
  { size, maxBytes, problem }: WholeOptions,
  take: (content: Uint8Array) => void,
): ContentSink | undefined {
  if (size > maxBytes) {
    problem(`larger than ${maxBytes} bytes, not searched`);
    return undefined;
  }
  const content = new Uint8Array(size);
  let filled = 0;
  return {
    write(chunk) {
      // A reader that sends more than it announced must not overrun: what is beyond is cut off.
      const taken = chunk.subarray(0, size - filled);
      content.set(taken, filled);
      filled += taken.length;
    },
    end: () => take(content.subarray(0, filled)),
  };
}
