// Finds the values of a key: the block by the index, the line by halving the block's bytes.

import { createHash } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import { fileSource } from "../../base/zip/byte-source.ts";
import { limits } from "./format.ts";
import type { DatabaseHead } from "./read-head.ts";
import { invalid } from "./signing.ts";

export interface Blocks {
  /** The values of one key; empty when it is not there. @throws PlimsollError ADVISORIES_INVALID for a changed block */
  find(key: string): readonly unknown[];
  verifyAll(): void;
}

/** @param maxCachedBytes uncompressed bytes of blocks that stay in memory */
export function openBlocks(file: string, head: DatabaseHead, maxCachedBytes: number): Blocks {
  const source = fileSource(head.descriptor);
  const offsets = blockOffsets(head);
  const cached = new Map<number, Buffer>();
  let cachedBytes = 0;

  function load(at: number): Buffer {
    const known = cached.get(at);
    if (known !== undefined) return known;
    const entry = head.index[at];
    const offset = offsets[at];
    if (entry === undefined || offset === undefined) throw invalid(`${file}: no block ${at}`);
    const block = inflate(source.read(offset, entry.size), entry.sha256, file);
    for (const [oldest, bytes] of cached) {
      if (cachedBytes + block.byteLength <= maxCachedBytes) break;
      cached.delete(oldest);
      cachedBytes -= bytes.byteLength;
    }
    cached.set(at, block);
    cachedBytes += block.byteLength;
    return block;
  }

  return {
    verifyAll() {
      for (const [at, { size, sha256 }] of head.index.entries())
        inflate(source.read(offsets[at] ?? 0, size), sha256, file);
    },
    find(key) {
      const at = lastNotAfter(head, key);
      if (at === -1) return [];
      const line = findLine(load(at), Buffer.from(`${key}\t`, "latin1"));
      if (line === undefined) return [];
      const values: unknown = JSON.parse(line);
      if (!Array.isArray(values)) throw invalid(`${file}: a line without a list`);
      return values;
    },
  };
}

function blockOffsets(head: DatabaseHead): readonly number[] {
  let at = head.blocksOffset;
  return head.index.map(({ size }) => {
    const offset = at;
    at += size;
    return offset;
  });
}

function inflate(compressed: Uint8Array, sha256: string, file: string): Buffer {
  if (createHash("sha256").update(compressed).digest("hex") !== sha256) throw invalid(`${file}: a block was changed`);
  return zstdDecompressSync(compressed, { maxOutputLength: limits.maxBlockBytes });
}

/** The block that could hold the key; -1 when all begin behind it. */
function lastNotAfter(head: DatabaseHead, key: string): number {
  let [low, high] = [0, head.index.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((head.index[middle]?.firstKey ?? "") <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Lines are sorted by key; a tab sorts before everything that a key holds. */
function findLine(block: Buffer, start: Buffer): string | undefined {
  let [low, high] = [0, block.length];
  while (low < high) {
    const lineStart = block.lastIndexOf(10, ((low + high) >>> 1) - 1) + 1;
    const from = Math.max(lineStart, low);
    const newline = block.indexOf(10, from);
    const end = newline === -1 ? block.length : newline;
    const order = block.compare(start, 0, start.length, from, Math.min(from + start.length, end));
    if (order === 0) return block.toString("utf8", from + start.length, end);
    if (order < 0) low = end + 1;
    else high = from;
  }
  return undefined;
}
