// All paths of one layer, compact and exact: three million of them in about 100 MB, looked up without a string for each.
// A node is a name below its parent; node 0 is the root. Names stand in one arena, one byte a character where that is enough.

import { randomInt } from "node:crypto";
import { limitExceeded, malformed } from "../../base/errors.ts";
import type { EntryKind } from "../../model/layer.ts";

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

export const nodeKinds: Readonly<Record<EntryKind, number>> = {
  file: nodeKind.file,
  hardlink: nodeKind.hardlink,
  symlink: nodeKind.symlink,
  directory: nodeKind.directory,
  whiteout: nodeKind.whiteout,
  opaque: nodeKind.directory,
  "character-device": nodeKind.other,
  "block-device": nodeKind.other,
  fifo: nodeKind.other,
};

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
    const isWide = (this.#lengths[node] ?? 0) > wide;
    return this.#arena.toString(isWide ? "utf16le" : "latin1", start, start + this.#nameBytes(node));
  }

  path(node: number): string {
    const names: string[] = [];
    for (let at = node; at !== 0; at = this.parent(at)) names.push(this.name(at));
    return names.reverse().join("/");
  }

  /** Nodes that have a target: symlinks and hard links, in the order they were met. */
  links(): IterableIterator<number> {
    return this.#targets.keys();
  }

  /** The whole tree as bytes that `read` takes. */
  toBytes(): Uint8Array {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(this.size, 0);
    head.writeUInt32LE(this.#arenaEnd, 4);
    head.writeUInt32LE(this.#targets.size, 8);
    const targets = [...this.#targets].flatMap(([node, target]) => {
      const text = Buffer.from(target, "utf16le");
      const start = Buffer.alloc(8);
      start.writeUInt32LE(node, 0);
      start.writeUInt32LE(text.length, 4);
      return [start, text];
    });
    const columns = [this.#parents, this.#lengths, this.#marks].map((column) => bytesOf(column.subarray(0, this.size)));
    return Buffer.concat([head, ...columns, this.#arena.subarray(0, this.#arenaEnd), ...targets]);
  }

  /** @throws PlimsollError MALFORMED_INPUT when the bytes are no tree */
  static read(bytes: Uint8Array): PathTree {
    const from = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const tree = new PathTree();
    if (from.length < 12) throw malformed("layer paths", "cut short");
    const [size, arenaEnd, links] = [from.readUInt32LE(0), from.readUInt32LE(4), from.readUInt32LE(8)];
    if (size < 1 || 12 + size * 7 + arenaEnd > from.length) throw malformed("layer paths", "cut short");
    tree.#resize(size);
    tree.size = size;
    const arena = 12 + size * 7;
    copyInto(tree.#parents, from.subarray(12, 12 + size * 4));
    copyInto(tree.#lengths, from.subarray(12 + size * 4, 12 + size * 6));
    copyInto(tree.#marks, from.subarray(12 + size * 6, arena));
    tree.#arena = Buffer.from(from.subarray(arena, arena + arenaEnd));
    tree.#arenaEnd = arenaEnd;
    tree.#index();
    tree.#readTargets(from, arena + arenaEnd, links);
    return tree;
  }

  #readTargets(from: Buffer, start: number, count: number): void {
    let at = start;
    for (let index = 0; index < count; index += 1) {
      if (at + 8 > from.length) throw malformed("layer paths", "cut short");
      const end = at + 8 + from.readUInt32LE(at + 4);
      this.#targets.set(from.readUInt32LE(at), from.toString("utf16le", at + 8, end));
      at = end;
    }
  }

  /** Names stand in the arena one after the other, in the order of their nodes. */
  #index(): void {
    let start = 0;
    for (let node = 1; node < this.size; node += 1) {
      this.#names[node] = start;
      start += this.#nameBytes(node);
      if (start > this.#arenaEnd || this.parent(node) >= node) throw malformed("layer paths", "no tree");
      const name = this.name(node);
      this.#hashes[node] = this.#hash(this.parent(node), name, 0, name.length);
      this.#enter(node);
    }
  }

  #nameBytes(node: number): number {
    const length = this.#lengths[node] ?? 0;
    return length > wide ? (length - wide) * 2 : length;
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
    this.#resize(this.size * 2);
    for (let node = 1; node < this.size; node += 1) this.#enter(node);
  }

  /** The table is empty afterwards. */
  #resize(length: number): void {
    const before = this.size;
    this.#parents = widened(this.#parents.subarray(0, before), new Uint32Array(length));
    this.#names = widened(this.#names.subarray(0, before), new Uint32Array(length));
    this.#lengths = widened(this.#lengths.subarray(0, before), new Uint16Array(length));
    this.#marks = widened(this.#marks.subarray(0, before), new Uint8Array(length));
    this.#hashes = widened(this.#hashes.subarray(0, before), new Uint32Array(length));
    this.#table = new Uint32Array(2 ** Math.ceil(Math.log2(length * 2)));
  }
}

/** Added to the length of a name that takes two bytes a character. Names are shorter than this: a limit of the tar reader. */
const wide = 32_768;

function widened<A extends Uint8Array | Uint16Array | Uint32Array>(from: A, into: A): A {
  into.set(from);
  return into;
}

function bytesOf(column: Uint8Array | Uint16Array | Uint32Array): Buffer {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength);
}

function copyInto(column: Uint8Array | Uint16Array | Uint32Array, bytes: Buffer): void {
  bytesOf(column).set(bytes);
}
