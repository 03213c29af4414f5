// A file that only takes up room, so that a full disk leaves some for what has to be written all the same: the ends of
// requests that were let through, and the record that says the log was full. docs/decisions/0005-disk-full.md.

import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export interface DiskRoom {
  isFull(): boolean;
  /** The disk refused a write: gives the reserve back to it. */
  release(nowMs: number): void;
  /** True when the reserve could be laid aside again, and as much is free beside it. */
  regain(nowMs: number): boolean;
}

const chunk = Buffer.alloc(64 * 1024);

/** @param retryMs how long to wait between two attempts to lay the reserve aside */
export function layReserve(file: string, bytes: number, retryMs: number): DiskRoom {
  let isFull = !makeReserve(file, bytes);
  let nextTryMs = 0;
  return {
    isFull: () => isFull,
    release(nowMs) {
      isFull = true;
      nextTryMs = nowMs + retryMs;
      rmSync(file, { force: true });
    },
    regain(nowMs) {
      if (!isFull) return true;
      if (nowMs < nextTryMs) return false;
      nextTryMs = nowMs + retryMs;
      isFull = !(freeBytes(file) >= 2 * bytes && makeReserve(file, bytes));
      return !isFull;
    },
  };
}

/** Without as much again beside the reserve, the log would be full, free, full, free. */
function freeBytes(file: string): number {
  const { bavail, bsize } = statfsSync(dirname(file));
  return bavail * bsize;
}

/** Real bytes, not a hole: only they keep blocks. */
function makeReserve(file: string, bytes: number): boolean {
  if (statSync(file, { throwIfNoEntry: false })?.size === bytes) return true;
  try {
    const descriptor = openSync(file, "w", 0o600);
    try {
      for (let left = bytes; left > 0; left -= chunk.length)
        writeSync(descriptor, chunk, 0, Math.min(left, chunk.length));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return true;
  } catch {
    rmSync(file, { force: true });
    return false; // no room: that is the answer
  }
}
