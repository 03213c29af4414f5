// Reads the headers of a tar archive as its bytes pass by, and keeps the few documents that a verdict needs.
// Whatever two readers could understand differently is told as an ambiguity; nothing is guessed.

import { PlimsollError } from "../../base/errors.ts";
import {
  blockBytes,
  type Extensions,
  isZeroBlock,
  noExtensions,
  readHeader,
  readLongText,
  readPaxRecords,
  type TarHeader,
} from "./tar-header.ts";
import { cleanPath, foldersOf, LinkTracker } from "./tar-paths.ts";

export type TarLimits = {
  readonly maxEntries: number;
  /** One kept document, in bytes. */
  readonly maxDocumentBytes: number;
};

type State = "header" | "payload" | "lone-zero" | "ended" | "lost";

/** Go's reader takes extended headers up to this size. */
const maxExtensionBytes = 1024 * 1024;
/** GNU tar fills up to 10 KiB; nobody needs more behind the end of an archive. */
const maxPaddingBytes = 1024 * 1024;
const headerOnly = "123456";
const payloadTypes = "07";
const extensionTypes = "xgLK";

export class TarReader {
  readonly documents = new Map<string, Buffer>();
  readonly ambiguities = new Set<string>();
  readonly #wanted: ReadonlySet<string>;
  /** Folders on the way to what is wanted. */
  readonly #folders: ReadonlySet<string>;
  readonly #limits: TarLimits;
  readonly #links = new LinkTracker();
  readonly #seen = new Set<string>();
  #state: State = "header";
  #block = Buffer.alloc(blockBytes);
  #filled = 0;
  /** Bytes of payload and of its padding that are still to come. */
  #payload = 0;
  #padding = 0;
  #kept: Buffer[] | undefined;
  #onPayload: (bytes: Buffer) => void = ignore;
  #extensions: Extensions = noExtensions;
  #trailing = 0;
  entries = 0;

  constructor(wanted: readonly string[], limits: TarLimits) {
    this.#wanted = new Set(wanted.map((path) => cleanPath(path).path));
    this.#folders = new Set(["", ...[...this.#wanted].flatMap(foldersOf)]);
    this.#limits = limits;
  }

  /** The end marker has begun: an engine may take the archive for whole from here on. */
  get hasEnded(): boolean {
    return this.#state === "lone-zero" || this.#state === "ended" || this.#state === "lost";
  }

  /** @throws PlimsollError LIMIT_EXCEEDED */
  feed(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length)
      at = this.#state === "payload" ? this.#takePayload(bytes, at) : this.#takeBlock(bytes, at);
  }

  /** After the last byte. */
  finish(): void {
    if (this.#state === "payload" || (this.#state === "header" && this.#filled > 0))
      this.#note("it ends in the middle of an entry");
    if (this.#state === "lone-zero") this.#note("a single empty block at its end");
  }

  #takeBlock(bytes: Buffer, at: number): number {
    if (this.#state === "ended" || this.#state === "lost") return this.#takeTrailing(bytes, at);
    const taken = Math.min(blockBytes - this.#filled, bytes.length - at);
    bytes.copy(this.#block, this.#filled, at, at + taken);
    this.#filled += taken;
    if (this.#filled === blockBytes) {
      this.#filled = 0;
      this.#readBlock();
    }
    return at + taken;
  }

  #readBlock(): void {
    const isZero = isZeroBlock(this.#block);
    if (this.#state === "lone-zero") {
      this.#state = isZero ? "ended" : "lost";
      if (!isZero) this.#note("an empty block between entries");
    } else if (isZero) {
      this.#state = "lone-zero";
    } else {
      this.#readEntry();
    }
  }

  #readEntry(): void {
    const header = readHeader(this.#block);
    if (header === undefined) {
      this.#note("a header with a wrong checksum or size");
      this.#state = "lost";
      return;
    }
    this.entries += 1;
    if (this.entries > this.#limits.maxEntries) throw tooMany(this.#limits.maxEntries);
    if (extensionTypes.includes(header.type)) this.#startExtension(header);
    else this.#startEntry(header);
  }

  #startExtension({ type, size }: TarHeader): void {
    if (size > maxExtensionBytes) throw tooLong("an extended header", maxExtensionBytes);
    this.#startPayload(size, true, (bytes) => this.#extend(type, bytes));
  }

  #extend(type: string, bytes: Buffer): void {
    if (type === "L") this.#extensions = { ...this.#extensions, longName: readLongText(bytes) };
    else if (type === "K") this.#extensions = { ...this.#extensions, longLink: readLongText(bytes) };
    else this.#extendPax(type, readPaxRecords(bytes));
  }

  #extendPax(type: string, records: ReadonlyMap<string, string> | undefined): void {
    const names = [...(records?.keys() ?? [])];
    if (records === undefined) this.#note("an extended header that cannot be read");
    else if (names.some((name) => name.startsWith("GNU.sparse."))) this.#note("a sparse file");
    else if (type === "x") this.#extensions = { ...this.#extensions, paxNames: records };
    // The engine ignores global headers (git archive writes one); other readers do not.
    else if (names.some((name) => ["path", "linkpath", "size"].includes(name)))
      this.#note("a global header that renames entries");
  }

  #startEntry(header: TarHeader): void {
    const { paxNames, longName } = this.#extensions;
    this.#extensions = noExtensions;
    if (longName !== "" && paxNames.has("path")) this.#note("an entry with two long names");
    const name = longName === "" ? paxNames.get("path") || header.name : longName;
    const size = this.#sizeOf(header, paxNames.get("size"));
    const { path, isOdd } = cleanPath(name);
    if (isOdd) this.#note("a path that leaves its folder");
    const isLink = header.type === "1" || header.type === "2";
    if (this.#links.isBelowLink(path)) this.#note("an entry below a link");
    this.#links.add(path, header.type);
    if (header.type !== "5" && this.#folders.has(path)) this.#note("something else in the place of a folder");
    const isWanted = this.#wanted.has(path);
    if (isWanted) this.#noteDocument(path, isLink || header.type === "5", size);
    this.#startPayload(size, isWanted, (bytes) => this.documents.set(path, bytes));
  }

  #noteDocument(path: string, isNoFile: boolean, size: number): void {
    if (this.#seen.has(path)) this.#note(`${path} more than once`);
    if (isNoFile) this.#note(`${path} as a link or folder`);
    if (size > this.#limits.maxDocumentBytes) throw tooLong(path, this.#limits.maxDocumentBytes);
    this.#seen.add(path);
  }

  #sizeOf({ type, size }: TarHeader, paxSize: string | undefined): number {
    if (!headerOnly.includes(type) && !payloadTypes.includes(type))
      this.#note(`an entry of the unknown type ${JSON.stringify(type)}`);
    if (paxSize !== undefined && !/^\d{1,15}$/.test(paxSize)) this.#note("a size that is no number");
    const isRenamed = paxSize !== undefined && Number(paxSize) !== size;
    // Real sizes past the field's 8 GiB stand in the extended header alone.
    if (isRenamed && size !== 0 && Number(paxSize) < 8 * 2 ** 30) this.#note("an entry with two sizes");
    const whole = paxSize === undefined ? size : Number(paxSize) || 0;
    if (!headerOnly.includes(type)) return whole;
    if (whole !== 0) this.#note("content in an entry that cannot have any");
    return 0;
  }

  #startPayload(size: number, isKept: boolean, onPayload: (bytes: Buffer) => void): void {
    this.#payload = size;
    this.#padding = (blockBytes - (size % blockBytes)) % blockBytes;
    this.#kept = isKept ? [] : undefined;
    this.#onPayload = isKept ? onPayload : ignore;
    this.#state = "payload";
    if (size === 0) this.#endPayload();
  }

  #takePayload(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#payload, bytes.length - at);
    if (taken > 0) this.#kept?.push(Buffer.from(bytes.subarray(at, at + taken)));
    this.#payload -= taken;
    const skipped = this.#payload > 0 ? 0 : Math.min(this.#padding, bytes.length - at - taken);
    this.#padding -= skipped;
    if (this.#payload === 0 && this.#padding === 0) this.#endPayload();
    return at + taken + skipped;
  }

  #endPayload(): void {
    this.#state = "header";
    if (this.#kept !== undefined) this.#onPayload(Buffer.concat(this.#kept));
    this.#kept = undefined;
  }

  #takeTrailing(bytes: Buffer, at: number): number {
    const trailing = bytes.subarray(at);
    this.#trailing += trailing.length;
    if (this.#trailing > maxPaddingBytes) throw tooLong("what follows the end of the archive", maxPaddingBytes);
    if (this.#state === "ended" && !isZeroBlock(trailing)) this.#note("data after its end");
    return bytes.length;
  }

  #note(ambiguity: string): void {
    this.ambiguities.add(ambiguity);
  }
}

function tooMany(maxEntries: number): PlimsollError {
  return new PlimsollError("LIMIT_EXCEEDED", `tar upload: more than ${maxEntries} entries`, {
    hint: "send fewer files (a .dockerignore file helps), or raise the limit in the configuration",
  });
}

function tooLong(what: string, maxBytes: number): PlimsollError {
  return new PlimsollError("LIMIT_EXCEEDED", `tar upload: ${what} is longer than ${maxBytes} bytes`, {
    hint: "make it shorter",
  });
}

function ignore(): void {}
