// All paths of one layer, compact and exact: three million of them in about 100 MB, looked up without a string for each.
// A node is a name below its parent; node 0 is the root. Names stand in one arena, one byte a character where that is enough.

import { randomInt } from "node:crypto";
import { limitExceeded } from "../../base/errors.ts";

/** What stands at a path. The numbers are stored: append, never reorder. */
export const nodeKind = {
  implied: 0, // a directory that only the paths of others name
  directory: 1,
  file: 2,
  symlink: 3,
  hardlink: 4,
  whiteout: 5,
  other: 6,
} as const;

const kindMask = 7;
const opaqueBit = 8;
const childrenBit = 16;
const linkBit = 32;

const firstNodes = 1024;

export class PathTree {
  #parents = new Uint32Array(firstNodes);
  #names = new Uint32Array(firstNodes);
  #lengths = new Uint16Array(firstNodes);
  #marks = new Uint8Array(firstNodes);
  #hashes = new Uint32Array(firstNodes);
  #table = new Uint32Array(firstNodes * 2);
  #arena = Buffer.allocUnsafe(firstNodes * 16);
  #arenaEnd = 0;
  readonly #targets = new Map<number, string>();
  readonly #seed = randomInt(2 ** 32);
  size = 1;

  /** @returns the node of the name below the parent, made when it was not there */
  add(parent: number, path: string, start: number, end: number): number {
    const hash = this.#hash(parent, path, start, end);
    const found = this.#seek(hash, parent, path, start, end);
    if (found > 0) return found;
    if (this.size === this.#parents.length) this.#grow();
    const node = this.size;
    this.size += 1;
    this.#parents[node] = parent;
    this.#hashes[node] = hash;
    this.#store(node, path, start, end);
    this.#enter(node);
    this.#mark(parent, childrenBit);
    return node;
  }

  /** @returns 0 when there is none (the root is nobody's child) */
  child(parent: number, path: string, start: number, end: number): number {
    return this.#seek(this.#hash(parent, path, start, end), parent, path, start, end);
  }

  /** @returns node 0 and no kind when the path is not there */
  locate(path: string): { readonly node: number; readonly isBelowLink: boolean } {
    let node = 0;
    for (let start = 0; start < path.length; ) {
      if (node !== 0 && this.isLink(node)) return { node: 0, isBelowLink: true };
      const slash = path.indexOf("/", start);
      const end = slash < 0 ? path.length : slash;
      node = this.child(node, path, start, end);
      if (node === 0) return { node: 0, isBelowLink: false };
      start = end + 1;
    }
    return { node, isBelowLink: false };
  }

  kind(node: number): number {
    return (this.#marks[node] ?? 0) & kindMask;
  }

  setKind(node: number, kind: number): void {
    this.#marks[node] = ((this.#marks[node] ?? 0) & ~kindMask) | kind;
  }

  /** A symlink, or a hard link to one: what is below lands elsewhere. */
  isLink(node: number): boolean {
    return ((this.#marks[node] ?? 0) & linkBit) !== 0;
  }

  setLink(node: number, isLink: boolean): void {
    if (isLink) this.#mark(node, linkBit);
    else this.#marks[node] = (this.#marks[node] ?? 0) & ~linkBit;
  }

  isOpaque(node: number): boolean {
    return ((this.#marks[node] ?? 0) & opaqueBit) !== 0;
  }

  setOpaque(node: number): void {
    this.#mark(node, opaqueBit);
  }

  hasChildren(node: number): boolean {
    return ((this.#marks[node] ?? 0) & childrenBit) !== 0;
  }

  target(node: number): string {
    return this.#targets.get(node) ?? "";
  }

  setTarget(node: number, target: string): void {
    this.#targets.set(node, target);
  }

  parent(node: number): number {
    return this.#parents[node] ?? 0;
  }

  name(node: number): string {
    const start = this.#names[node] ?? 0;
    const length = this.#lengths[node] ?? 0;
    const isWide = length > wide;
    const bytes = isWide ? (length - wide) * 2 : length;
    return this.#arena.toString(isWide ? "utf16le" : "latin1", start, start + bytes);
  }

  path(node: number): string {
    const names: string[] = [];
    for (let at = node; at !== 0; at = this.parent(at)) names.push(this.name(at));
    return names.reverse().join("/");
  }

  #mark(node: number, bit: number): void {
    this.#marks[node] = (this.#marks[node] ?? 0) | bit;
  }

  #seek(hash: number, parent: number, path: string, start: number, end: number): number {
    const mask = this.#table.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const node = this.#table[slot] ?? 0;
      if (node === 0) return 0;
      if (this.#hashes[node] === hash && this.#parents[node] === parent && this.#equals(node, path, start, end)) {
        return node;
      }
    }
  }

  #enter(node: number): void {
    const mask = this.#table.length - 1;
    let slot = (this.#hashes[node] ?? 0) & mask;
    while (this.#table[slot] !== 0) slot = (slot + 1) & mask;
    this.#table[slot] = node;
  }

  #equals(node: number, path: string, start: number, end: number): boolean {
    const stored = this.#lengths[node] ?? 0;
    const isWide = stored > wide;
    if ((isWide ? stored - wide : stored) !== end - start) return false;
    const at = this.#names[node] ?? 0;
    for (let index = 0; index < end - start; index += 1) {
      const unit = isWide ? this.#arena.readUInt16LE(at + index * 2) : this.#arena[at + index];
      if (unit !== path.charCodeAt(start + index)) return false;
    }
    return true;
  }

  /** Not to be guessed from outside: the seed is random. */
  #hash(parent: number, path: string, start: number, end: number): number {
    let hash = this.#seed ^ Math.imul(parent, 0x9e3779b1);
    for (let at = start; at < end; at += 1) {
      hash = Math.imul(hash ^ path.charCodeAt(at), 0x85ebca6b);
      hash ^= hash >>> 13;
    }
    hash = Math.imul(hash ^ this.#seed, 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  #store(node: number, path: string, start: number, end: number): void {
    const length = end - start;
    if (length >= wide) throw limitExceeded("layer", `a name of ${length} characters, at most ${wide - 1}`);
    if (this.#arenaEnd + length * 2 > this.#arena.length) this.#growArena(length * 2);
    let isWide = false;
    for (let at = start; at < end && !isWide; at += 1) isWide = path.charCodeAt(at) > 0xff;
    this.#names[node] = this.#arenaEnd;
    this.#lengths[node] = isWide ? length + wide : length;
    this.#arenaEnd += this.#arena.write(path.slice(start, end), this.#arenaEnd, isWide ? "utf16le" : "latin1");
  }

  #growArena(needed: number): void {
    const larger = Buffer.allocUnsafe(this.#arena.length * 2 + needed);
    this.#arena.copy(larger, 0, 0, this.#arenaEnd);
    this.#arena = larger;
  }

  #grow(): void {
    const length = this.size * 2;
    this.#parents = widened(this.#parents, new Uint32Array(length));
    this.#names = widened(this.#names, new Uint32Array(length));
    this.#lengths = widened(this.#lengths, new Uint16Array(length));
    this.#marks = widened(this.#marks, new Uint8Array(length));
    this.#hashes = widened(this.#hashes, new Uint32Array(length));
    this.#table = new Uint32Array(length * 2);
    for (let node = 1; node < this.size; node += 1) this.#enter(node);
  }
}

/** Added to the length of a name that takes two bytes a character. Names are shorter than this: a limit of the tar reader. */
const wide = 32_768;

function widened<A extends Uint8Array | Uint16Array | Uint32Array>(from: A, into: A): A {
  into.set(from);
  return into;
}
