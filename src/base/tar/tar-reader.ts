// The strict tar reader: ustar, pax and GNU archives as bytes pass by, in constant memory, without a copy where that is possible.
// It reads what Go's archive/tar reads, since engines use that, refuses what that refuses, and tells where other known readers
// (GNU tar, Python's tarfile, libarchive, tar-stream) would see something else. The table of rules is in docs/images.md.

import type { ContentSink } from "../../model/layer.ts";
import { limitExceeded, PlimsollError } from "../errors.ts";
import { Extensions, isExtension } from "./extensions.ts";
import { blockBytes, headerOddities, isZeroBlock, readHeader } from "./header.ts";
import type { TarEntry, TarLimits, TarVisitor } from "./tar-visitor.ts";

/** Go's reader takes extended headers up to this size. */
const maxExtensionBytes = 1024 * 1024;
const headBytes = 512;
const noBytes: Uint8Array = Buffer.alloc(0);

type State = "header" | "extension" | "head" | "content" | "padding" | "lone-zero" | "end";

export class TarReader {
  readonly #visitor: TarVisitor;
  readonly #limits: TarLimits;
  readonly #extensions = new Extensions();
  /** A header or the first bytes of a file that came in pieces. */
  readonly #pieces = Buffer.alloc(blockBytes);
  #filled = 0;
  #state: State = "header";
  /** Bytes of content still to come; bytes that fill its last block. */
  #left = 0;
  #padding = 0;
  #entry: TarEntry | undefined;
  #sink: ContentSink | undefined;
  #extension: Buffer = this.#pieces;
  #extensionType = "";
  #hasTrailingData = false;
  #position = 0;
  #endsAt: number | undefined;
  entries = 0;

  constructor(visitor: TarVisitor, limits: TarLimits) {
    this.#visitor = visitor;
    this.#limits = limits;
  }

  /** Bytes from the start of the archive to the next that `feed` expects. */
  get position(): number {
    return this.#position;
  }

  /** The end marker has begun: some readers take the archive for whole from here on. */
  get hasEnded(): boolean {
    return this.#state === "lone-zero" || this.#state === "end";
  }

  /** Bytes from the start of the archive to its end marker; undefined while none has begun. */
  get endsAt(): number | undefined {
    return this.#endsAt;
  }

  /** How many of the coming bytes nobody looks at: a file may be read on behind them, after `skip`. */
  get skippable(): number {
    if (this.#state === "content" && this.#sink === undefined) return this.#left + this.#padding;
    return this.#state === "padding" ? this.#padding : 0;
  }

  /** @param count at most `skippable` */
  skip(count: number): void {
    const content = Math.min(count, this.#left);
    this.#left -= content;
    this.#padding -= count - content;
    this.#position += count;
    if (this.#left === 0) this.#state = this.#padding === 0 ? "header" : "padding";
  }

  /** @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED, and what the visitor throws */
  feed(bytes: Buffer): void {
    const start = this.#position;
    for (let at = 0; at < bytes.length; this.#position = start + at) at += this.#take(bytes, at);
  }

  /** After the last byte. @throws PlimsollError MALFORMED_INPUT when the archive stops in the middle */
  finish(): void {
    const isCut = this.#left > 0 || this.#filled > 0 || this.#state === "head" || this.#state === "extension";
    if (isCut) throw this.#broken("it ends in the middle of an entry");
    if (this.#state === "padding") this.#note("cut-padding", "", "the last block is not filled up");
    if (this.#state === "lone-zero") this.#note("lone-zero-block", "", "one empty block at the end, where two belong");
    if (this.#extensions.isPending) this.#note("extension-without-entry", "", "an extended header at the end");
  }

  /** @returns how many bytes were taken, at least one */
  #take(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case "content":
        return this.#takeContent(bytes, at);
      case "padding":
        return this.#takePadding(bytes, at);
      case "head":
        return this.#takeHead(bytes, at);
      case "extension":
        return this.#takeExtension(bytes, at);
      case "end":
        return this.#takeTrailing(bytes, at);
      default:
        return this.#takeBlock(bytes, at);
    }
  }

  #takeBlock(bytes: Buffer, at: number): number {
    if (this.#filled === 0 && bytes.length - at >= blockBytes) {
      this.#readBlock(bytes, at, this.#position + blockBytes);
      return blockBytes;
    }
    const taken = this.#gather(bytes, at, blockBytes);
    if (this.#filled < blockBytes) return taken;
    this.#filled = 0;
    this.#readBlock(this.#pieces, 0, this.#position + taken);
    return taken;
  }

  #gather(bytes: Buffer, at: number, wanted: number): number {
    const taken = Math.min(wanted - this.#filled, bytes.length - at);
    bytes.copy(this.#pieces, this.#filled, at, at + taken);
    this.#filled += taken;
    return taken;
  }

  #readBlock(block: Buffer, at: number, contentOffset: number): void {
    if (block[at] !== 0 || !isZeroBlock(block, at)) {
      if (this.#state === "lone-zero") throw this.#broken("an empty block between entries");
      this.#readEntry(block, at, contentOffset);
    } else {
      this.#endsAt ??= contentOffset - blockBytes;
      this.#state = this.#state === "lone-zero" ? "end" : "lone-zero";
    }
  }

  #readEntry(block: Buffer, at: number, contentOffset: number): void {
    const header = readHeader(block, at);
    if (header === undefined) throw this.#broken("a header with a wrong checksum or number");
    if (header.type === "S") throw this.#broken("a sparse file in GNU's old format, which engines refuse");
    for (const { rule, detail } of headerOddities(block, at, header)) this.#note(rule, header.name, detail);
    this.#count();
    if (isExtension(header.type)) {
      if (header.type === "g")
        this.#visitor.entry({ ...globalHeader, name: header.name, offset: contentOffset }, noBytes);
      this.#startExtension(header.type, header.size);
      return;
    }
    const note = (rule: string, detail: string): void => this.#note(rule, header.name, detail);
    const entry = this.#extensions.apply(header, contentOffset, note);
    if (entry === undefined) throw this.#broken("an extended header with a wrong number");
    this.#startEntry(entry);
  }

  #count(): void {
    this.entries += 1;
    if (this.entries > this.#limits.maxEntries)
      throw limitExceeded("tar", `more than ${this.#limits.maxEntries} entries`);
  }

  #startExtension(type: string, size: number): void {
    if (size > maxExtensionBytes) {
      throw limitExceeded("tar", `an extended header of ${size} bytes, at most ${maxExtensionBytes}`);
    }
    this.#extensionType = type;
    this.#extension = Buffer.allocUnsafe(size);
    this.#expect(size);
    this.#state = "extension";
    if (size === 0) this.#endExtension();
  }

  #startEntry(entry: TarEntry): void {
    const longest = Math.max(entry.name.length, entry.linkName.length);
    if (longest > this.#limits.maxPathBytes) {
      throw limitExceeded("tar", `a name of ${longest} characters, at most ${this.#limits.maxPathBytes}`);
    }
    this.#expect(entry.size);
    this.#entry = entry;
    this.#state = "head";
    if (entry.size === 0) this.#openEntry(entry, noBytes);
  }

  #expect(size: number): void {
    this.#left = size;
    this.#padding = (blockBytes - (size % blockBytes)) % blockBytes;
  }

  #takeHead(bytes: Buffer, at: number): number {
    const entry = this.#entry;
    if (entry === undefined) throw this.#broken("no entry");
    const wanted = Math.min(headBytes, entry.size);
    if (this.#filled === 0 && bytes.length - at >= wanted) {
      this.#openEntry(entry, bytes.subarray(at, at + wanted));
      return this.#takeContent(bytes, at);
    }
    const taken = this.#gather(bytes, at, wanted);
    if (this.#filled === wanted) this.#openGathered(entry, this.#pieces.subarray(0, wanted));
    return taken;
  }

  #openGathered(entry: TarEntry, head: Buffer): void {
    this.#filled = 0;
    this.#openEntry(entry, head);
    this.#takeContent(head, 0);
  }

  #openEntry(entry: TarEntry, head: Uint8Array): void {
    this.#entry = undefined;
    this.#sink = this.#visitor.entry(entry, head);
    this.#state = "content";
    if (this.#left === 0) this.#endContent();
  }

  #takeContent(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#left, bytes.length - at);
    this.#sink?.write(bytes.subarray(at, at + taken));
    this.#left -= taken;
    if (this.#left === 0) this.#endContent();
    return taken;
  }

  #endContent(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#state = this.#padding === 0 ? "header" : "padding";
    sink?.end();
  }

  #takePadding(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#padding, bytes.length - at);
    this.#padding -= taken;
    if (this.#padding === 0) this.#state = "header";
    return taken;
  }

  #takeExtension(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#left, bytes.length - at);
    bytes.copy(this.#extension, this.#extension.length - this.#left, at, at + taken);
    this.#left -= taken;
    if (this.#left === 0) this.#endExtension();
    return taken;
  }

  #endExtension(): void {
    this.#state = this.#padding === 0 ? "header" : "padding";
    const isTaken = this.#extensions.take(this.#extensionType, this.#extension, (rule, detail) =>
      this.#note(rule, "", detail),
    );
    this.#extension = this.#pieces;
    if (!isTaken) throw this.#broken("an extended header that cannot be read");
  }

  #takeTrailing(bytes: Buffer, at: number): number {
    if (!this.#hasTrailingData && !isZero(bytes, at)) {
      this.#hasTrailingData = true;
      this.#note("data-after-end", "", "bytes behind the end mark");
    }
    return bytes.length - at;
  }

  #note(rule: string, name: string, detail: string): void {
    this.#visitor.note(rule, name, detail);
  }

  #broken(what: string): PlimsollError {
    return new PlimsollError("MALFORMED_INPUT", `tar: ${what}, before byte ${this.#position + blockBytes}`, {
      hint: "make the archive again with docker, tar or buildah; an engine would refuse this one too",
    });
  }
}

const zeros = Buffer.alloc(64 * 1024);

function isZero(bytes: Buffer, from: number): boolean {
  for (let at = from; at < bytes.length; at += zeros.length) {
    const piece = bytes.subarray(at, at + zeros.length);
    if (!piece.equals(zeros.subarray(0, piece.length))) return false;
  }
  return true;
}

const globalHeader: TarEntry = {
  name: "",
  type: "g",
  size: 0,
  mode: 0,
  uid: 0,
  gid: 0,
  mtime: 0,
  linkName: "",
  device: "",
  xattrs: {},
  offset: 0,
};
