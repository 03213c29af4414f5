// The RFC 6962 hash tree, incrementally. A tree is a value: appending gives a new one, so a rolled-back write costs nothing.
// Source: RFC 6962 section 2.1; hashes are kept at every 8th level as in C2SP tlog-tiles.

import { hash } from "node:crypto";

export type Tree = {
  readonly size: number;
  /** Complete subtrees from left to right, each higher than the next: the binary digits of the size. */
  readonly peaks: readonly Peak[];
  /** Leaf hashes of the tile that is not full yet, at most 255. */
  readonly leaves: readonly Uint8Array[];
};
type Peak = { readonly height: number; readonly hash: Uint8Array };

/** The hashes that one tile holds or gains. `level` counts tiles: a hash of level L covers 256^L leaves. */
export type TileHashes = {
  readonly level: number;
  readonly tile: number;
  /** Place of the first of `hashes` in the tile. */
  readonly first: number;
  readonly hashes: readonly Uint8Array[];
};
export type HashReader = (level: number, number: number) => Uint8Array;

export const emptyTree: Tree = { size: 0, peaks: [], leaves: [] };
export const tileHeight = 8;
export const tileWidth = 256;

const leafPrefix = Buffer.of(0);
const nodePrefix = Buffer.of(1);

export function leafHash(entry: Uint8Array): Uint8Array {
  return hash("sha256", Buffer.concat([leafPrefix, entry]), "buffer");
}

/** The same of an entry that is text, without making bytes of it first. */
export function textLeafHash(entry: string): Uint8Array {
  return hash("sha256", `\0${entry}`, "buffer");
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash("sha256", Buffer.concat([nodePrefix, left, right]), "buffer");
}

/** @param keep receives what to store: a whole tile of leaves, and one hash for each tile above that it adds to */
export function appendLeaf(tree: Tree, leaf: Uint8Array, keep: (gained: TileHashes) => void): Tree {
  const peaks = [...tree.peaks];
  const leaves = [...tree.leaves, leaf];
  const isFull = leaves.length === tileWidth;
  if (isFull) keep({ level: 0, tile: Math.floor(tree.size / tileWidth), first: 0, hashes: leaves });
  let peak: Peak = { height: 0, hash: leaf };
  for (let last = peaks.at(-1); last !== undefined && last.height === peak.height; last = peaks.at(-1)) {
    peaks.pop();
    peak = { height: peak.height + 1, hash: nodeHash(last.hash, peak.hash) };
    if (peak.height % tileHeight === 0) {
      const number = Math.floor(tree.size / 2 ** peak.height);
      const tile = Math.floor(number / tileWidth);
      keep({ level: peak.height / tileHeight, tile, first: number % tileWidth, hashes: [peak.hash] });
    }
  }
  return { size: tree.size + 1, peaks: [...peaks, peak], leaves: isFull ? [] : leaves };
}

export function rootOf(tree: Tree): Uint8Array {
  const [last, ...rest] = [...tree.peaks].reverse();
  if (last === undefined) return hash("sha256", Buffer.alloc(0), "buffer");
  return rest.reduce((right, peak) => nodeHash(peak.hash, right), last.hash);
}

/** The tree of the first `size` leaves, from stored hashes. */
export function loadTree(size: number, read: HashReader): Tree {
  const peaks: Peak[] = [];
  let start = 0;
  for (let height = Math.floor(Math.log2(Math.max(size, 1))); height >= 0; height--) {
    const width = 2 ** height;
    if (size - start < width) continue;
    peaks.push({ height, hash: rangeHash(start, start + width, read) });
    start += width;
  }
  const whole = size - (size % tileWidth);
  const leaves = Array.from({ length: size - whole }, (_, index) => read(0, whole + index));
  return { size, peaks, leaves };
}

/** MTH(D[start:end]) of RFC 6962 2.1, for ranges that the algorithm meets: `start` is a multiple of the leading power of two. */
export function rangeHash(start: number, end: number, read: HashReader): Uint8Array {
  const width = end - start;
  const height = Math.log2(width);
  if (Number.isInteger(height) && height % tileHeight === 0 && start % width === 0) {
    return read(height / tileHeight, start / width);
  }
  const split = start + leftWidth(width);
  return nodeHash(rangeHash(start, split, read), rangeHash(split, end, read));
}

/** The hash that 256 hashes of the level below make: what a stored hash of `level` has to be. */
export function tileRoot(level: number, number: number, read: HashReader): Uint8Array {
  const first = number * tileWidth;
  let row = Array.from({ length: tileWidth }, (_, index) => read(level - 1, first + index));
  while (row.length > 1) row = pairs(row);
  return row[0] ?? new Uint8Array();
}

function pairs(row: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let index = 0; index + 1 < row.length; index += 2) {
    above.push(nodeHash(row[index] ?? new Uint8Array(), row[index + 1] ?? new Uint8Array()));
  }
  return above;
}

/** The largest power of two smaller than `width`. */
export function leftWidth(width: number): number {
  return 2 ** Math.ceil(Math.log2(width) - 1);
}
