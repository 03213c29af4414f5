// All paths of one layer, compact and exact: three million of them in about 100 MB, looked up without a string for each.
// A node is a name below its parent; node 0 is the root. Names stand in one arena, one byte a character where that is enough.

import { randomInt } from "node:crypto";
import { malformed } from "../../base/errors.ts";
import type { EntryKind } from "../../model/layer.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { hashText, lengthOf, NameArena } from "./name-arena.ts";

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
/** Of the table: more makes looking up slow. */
const maxLoad = 0.75;

export class PathTree {
  #parents: Uint32Array<ArrayBuffer>;
  #offsets: Uint32Array<ArrayBuffer>;
  #lengths: Uint16Array<ArrayBuffer>;
  #marks: Uint8Array<ArrayBuffer>;
  /** Prints of mode, owner and attributes; not stored. */
  #prints = new Uint32Array(0);
  #table: Uint32Array<ArrayBuffer>;
  readonly #names = new NameArena();
  readonly #targets = new Map<number, string>();
  readonly #seed = randomInt(2 ** 32);
  size = 1;

  /** @param nodes there is room for so many before it has to grow */
  constructor(nodes: number = firstNodes) {
    this.#parents = new Uint32Array(nodes);
    this.#offsets = new Uint32Array(nodes);
    this.#lengths = new Uint16Array(nodes);
    this.#marks = new Uint8Array(nodes);
    this.#table = new Uint32Array(2 ** Math.ceil(Math.log2((nodes + 1) / maxLoad)));
  }

  /** @returns the node of the name below the parent, made when it was not there */
  add(parent: number, path: string, start: number, end: number): number {
    const hash = this.#hashOf(parent, path, start, end);
    const found = this.#find(hash, parent, path, start, end);
    if (found > 0) return found;
    if (this.size === this.#parents.length) this.#widen();
    const node = this.size;
    const { offset, length } = this.#names.add(path, start, end);
    this.size += 1;
    this.#parents[node] = parent;
    this.#offsets[node] = offset;
    this.#lengths[node] = length;
    if (this.size > this.#table.length * maxLoad) this.#rehash();
    else this.#enter(node, hash);
    this.#mark(parent, childrenBit);
    return node;
  }

  /** @returns 0 when there is none (the root is nobody's child) */
  child(parent: number, path: string, start: number, end: number): number {
    return this.#find(this.#hashOf(parent, path, start, end), parent, path, start, end);
  }

  #find(hash: number, parent: number, path: string, start: number, end: number): number {
    const mask = this.#table.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const node = this.#table[slot] ?? 0;
      if (node === 0) return 0;
      if (this.#parents[node] !== parent) continue;
      const [offset, length] = [this.#offsets[node] ?? 0, this.#lengths[node] ?? 0];
      if (lengthOf(length) === end - start && this.#names.equals(offset, length, path, start)) return node;
    }
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

  /** Notes what a file is like, so that `isLike` can compare it with another. */
  setPrint(node: number, text: string): void {
    if (this.#prints.length <= node)
      this.#prints = new Uint32Array(this.#prints.buffer.transfer(this.#marks.length * 4));
    this.#prints[node] = this.#hashOf(0, text, 0, text.length);
  }

  isLike(node: number, other: number): boolean {
    return this.#prints[node] === this.#prints[other];
  }

  parent(node: number): number {
    return this.#parents[node] ?? 0;
  }

  name(node: number): string {
    return this.#names.text(this.#offsets[node] ?? 0, this.#lengths[node] ?? 0);
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

  /** The whole tree as bytes that `read` takes: names share their beginnings with the name before. */
  toBytes(): Uint8Array {
    const writer = new ByteWriter();
    writer.number(this.size);
    let before = "";
    for (let node = 1; node < this.size; node += 1) {
      const name = this.name(node);
      const shared = sharedStart(before, name);
      writer.number(this.#marks[node] ?? 0);
      writer.number(node - this.parent(node));
      writer.number(shared);
      writer.text(name.slice(shared));
      before = name;
    }
    writer.number(this.#marks[0] ?? 0);
    writer.number(this.#targets.size);
    for (const [node, target] of this.#targets) {
      writer.number(node);
      writer.text(target);
    }
    return writer.take();
  }

  /** @throws PlimsollError MALFORMED_INPUT when the bytes are no tree */
  static read(bytes: Uint8Array): PathTree {
    const reader = new ByteReader(bytes, "layer paths");
    const size = reader.number();
    // Four bytes are the least for a node: whoever claims more is not given the memory.
    if (size === 0 || (size - 1) * 4 > bytes.length) throw malformed("layer paths", "no tree");
    const tree = new PathTree(size);
    let name = "";
    for (let node = 1; node < size; node += 1) {
      const marks = reader.number();
      const parent = node - reader.number();
      name = name.slice(0, reader.number()) + reader.text();
      if (parent < 0 || parent >= node || tree.add(parent, name, 0, name.length) !== node)
        throw malformed("layer paths", "no tree");
      tree.#marks[node] = marks;
    }
    tree.#marks[0] = reader.number();
    for (let links = reader.number(); links > 0; links -= 1) tree.#targets.set(reader.number(), reader.text());
    reader.end();
    return tree;
  }

  /** Gives the memory back at once, where the collector would take its time; nothing may be asked any more. */
  release(): void {
    this.size = 1;
    for (const { buffer } of [this.#parents, this.#offsets, this.#lengths, this.#marks, this.#prints, this.#table])
      buffer.transfer(0);
    this.#names.release();
  }

  #mark(node: number, bit: number): void {
    this.#marks[node] = (this.#marks[node] ?? 0) | bit;
  }

  #enter(node: number, hash: number): void {
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    while (this.#table[slot] !== 0) slot = (slot + 1) & mask;
    this.#table[slot] = node;
  }

  #hashOf(parent: number, text: string, start: number, end: number): number {
    return this.#finish(hashText(text, start, end, this.#begin(parent)));
  }

  /** Not to be guessed from outside: the seed is random. */
  #begin(parent: number): number {
    return this.#seed ^ Math.imul(parent, 0x9e3779b1);
  }

  #finish(hash: number): number {
    const mixed = Math.imul(hash ^ this.#seed, 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }

  #widen(): void {
    const length = Math.ceil(this.size * 1.5);
    this.#parents = new Uint32Array(this.#parents.buffer.transfer(length * 4));
    this.#offsets = new Uint32Array(this.#offsets.buffer.transfer(length * 4));
    this.#lengths = new Uint16Array(this.#lengths.buffer.transfer(length * 2));
    this.#marks = new Uint8Array(this.#marks.buffer.transfer(length));
  }

  #rehash(): void {
    const { length } = this.#table;
    this.#table.buffer.transfer(0);
    this.#table = new Uint32Array(length * 2);
    for (let node = 1; node < this.size; node += 1) {
      const [offset, length] = [this.#offsets[node] ?? 0, this.#lengths[node] ?? 0];
      this.#enter(node, this.#finish(this.#names.hash(offset, length, this.#begin(this.parent(node)))));
    }
  }
}

function sharedStart(left: string, right: string): number {
  let at = 0;
  while (at < left.length && at < right.length && left.charCodeAt(at) === right.charCodeAt(at)) at += 1;
  return at;
}
