// The headers that only describe the next one, and how they are merged into it, as Go's archive/tar does.
// Source: go/src/archive/tar/reader.go, next() and mergePAX().

import type { TarHeader } from "./header.ts";
import { decodeText } from "./name.ts";
import {
  isSparse,
  type PaxRecords,
  paxInteger,
  paxText,
  paxTime,
  paxXattrs,
  readPaxRecords,
  sparseName,
} from "./pax.ts";
import type { TarEntry } from "./tar-visitor.ts";

type Note = (rule: string, detail: string) => void;

const withoutContent = "123456";
const namingKeys: readonly string[] = ["path", "linkpath", "size"];
/** The field of a header holds no more; larger sizes stand in the extended header alone. */
const largestOctalSize = 8 * 2 ** 30;
const noXattrs: Readonly<Record<string, string>> = Object.freeze({});

export function isExtension(type: string): boolean {
  return type === "x" || type === "g" || type === "L" || type === "K";
}

/** What the headers before an entry have said about it. */
export class Extensions {
  #pax: PaxRecords | undefined;
  #longName = "";
  #longLink = "";
  #seen = "";

  get isPending(): boolean {
    return this.#seen !== "";
  }

  /** @returns false when Go refuses the archive */
  take(type: string, bytes: Buffer, note: Note): boolean {
    if (type === "g") return this.#takeGlobal(bytes, note);
    if (this.#seen.includes(type)) note("repeated-extension", `two headers of type ${type} before one entry`);
    const isMixed = type === "x" ? /[LK]/.test(this.#seen) : this.#seen.includes("x");
    if (isMixed) note("mixed-extensions", "a pax header and a GNU long name before one entry");
    this.#seen += type;
    if (type === "L") this.#longName = decodeText(bytes);
    else if (type === "K") this.#longLink = decodeText(bytes);
    else return this.#takePax(bytes, note);
    return true;
  }

  /** Applies and forgets what was said. @returns undefined when Go refuses the archive */
  apply(header: TarHeader, offset: number, note: Note): TarEntry | undefined {
    const pax = this.#pax;
    const name = this.#longName || (sparseName(pax) ?? paxText(pax, "path") ?? header.name);
    const type = header.type === "\0" ? oldType(name) : header.type;
    const size = paxInteger(pax, "size") ?? header.size;
    noteSizes(header, type, size, note);
    const entry = {
      name,
      type,
      size: withoutContent.includes(type) ? 0 : size,
      mode: header.mode,
      uid: paxInteger(pax, "uid") ?? header.uid,
      gid: paxInteger(pax, "gid") ?? header.gid,
      mtime: paxTime(pax, "mtime") ?? header.mtime,
      linkName: this.#longLink || (paxText(pax, "linkpath") ?? header.linkName),
      device: header.device,
      xattrs: pax === undefined ? noXattrs : paxXattrs(pax),
      offset,
    };
    this.#forget();
    return Number.isNaN(entry.size + entry.uid + entry.gid + entry.mtime) || entry.size < 0 ? undefined : entry;
  }

  #takePax(bytes: Buffer, note: Note): boolean {
    this.#pax = readPaxRecords(bytes);
    if (this.#pax === undefined) return false;
    if (this.#pax.hasDuplicates) note("duplicate-pax-key", "a key stands twice in one extended header");
    if (isSparse(this.#pax)) note("sparse-file", "engines fill its holes, other readers do not");
    const empty = namingKeys.find((key) => this.#pax?.values.get(key)?.length === 0);
    if (empty !== undefined) note("empty-pax-value", `${empty}= without a value`);
    return true;
  }

  /** Engines ignore global headers, and forget what stood before one; other readers apply them. */
  #takeGlobal(bytes: Buffer, note: Note): boolean {
    const records = readPaxRecords(bytes);
    if (records === undefined) return false;
    const [first] = [...records.values.keys()].filter((key) => key !== "comment");
    if (first !== undefined) note("global-pax-header", `a global header sets ${first}`);
    if (this.isPending) note("global-pax-header", "a global header between an extended header and its entry");
    this.#forget();
    return true;
  }

  #forget(): void {
    if (this.#seen === "") return;
    this.#pax = undefined;
    this.#longName = "";
    this.#longLink = "";
    this.#seen = "";
  }
}

function oldType(name: string): string {
  return name.endsWith("/") ? "5" : "0";
}

function noteSizes(header: TarHeader, type: string, size: number, note: Note): void {
  if (withoutContent.includes(type) && size !== 0) {
    note("size-without-content", `type ${type} says ${size} bytes, where engines read none`);
  }
  if (size !== header.size && header.size !== 0 && size < largestOctalSize) {
    note("two-sizes", `the header says ${header.size} bytes, its extended header ${size}`);
  }
}
