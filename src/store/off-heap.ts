// Records that are kept for some milliseconds. As strings they would outlive a collection of the young heap, which then
// grows and stays large; here they are bytes in blocks that are used again and again.

import type { NewEntry } from "./tree-growth.ts";

export type Kept = { readonly id: string; readonly block: Buffer; readonly start: number; readonly end: number };

export interface OffHeap {
  keep(entry: NewEntry): Kept;
  /** Nothing that was kept is read any more. */
  clear(): void;
}

const blockBytes = 256 * 1024;

export function offHeap(): OffHeap {
  const first = Buffer.allocUnsafeSlow(blockBytes);
  let block = first;
  let used = 0;
  return {
    keep({ id, body }) {
      const most = body.length * 3;
      if (used + most > block.length) {
        block = Buffer.allocUnsafeSlow(Math.max(blockBytes, most));
        used = 0;
      }
      const start = used;
      used += block.write(body, start);
      return { id, block, start, end: used };
    },
    clear() {
      block = first;
      used = 0;
    },
  };
}

export function readKept({ id, block, start, end }: Kept): NewEntry {
  return { id, body: block.toString("utf8", start, end) };
}
