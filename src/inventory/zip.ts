// The entries of a zip archive, by its central directory, which is what a Java machine goes by. What is inflated counts against one budget,
// so that neither bombs nor entries that lie upon one another cost more than it allows.
// Source: PKWARE APPNOTE 6.3.10, sections 4.3.6 to 4.3.16 and 4.5.3 (zip64).

import { inflateRawSync } from "node:zlib";
import { errorText, limitExceeded } from "../base/errors.ts";
import { ByteView, type FileBytes } from "./bytes.ts";

export type ZipEntry = {
  readonly name: string;
  readonly size: number;
  readonly method: number;
  readonly compressedSize: number;
  /** Of the local header, from the start of the bytes. */
  readonly offset: number;
};

export type Zip = { readonly view: ByteView; readonly entries: readonly ZipEntry[] };

/** What may still be spent on one file of an image, with all that is nested in it. */
export type ZipBudget = {
  /** Bytes to inflate. */
  bytes: number;
  /** Bytes of entries that are not compressed: they may lie upon one another. */
  stored: number;
  entries: number;
};

const signatures = {
  end: 0x06054b50,
  entry: 0x02014b50,
  local: 0x04034b50,
  zip64Locator: 0x07064b50,
  zip64End: 0x06064b50,
} as const;
const methods = { stored: 0, deflated: 8 } as const;
const endSize = 22;
const endMark = Buffer.from("PK\x05\x06", "latin1");

/**
 * @param isWanted names of the entries that are kept: an archive may have millions
 * @throws PlimsollError MALFORMED_INPUT, or LIMIT_EXCEEDED past the budget
 */
export function readZip(bytes: FileBytes, budget: ZipBudget, isWanted: (name: string) => boolean): Zip {
  const view = new ByteView(bytes, "zip archive", true);
  const { start, size, shift } = findDirectory(view);
  const entries: ZipEntry[] = [];
  // The number of entries that the end record claims is not believed: Java machines read the directory to its end as well.
  for (let at = start; at < start + size; ) {
    budget.entries -= 1;
    if (budget.entries < 0) throw limitExceeded("zip archive", "too many entries");
    if (view.word(at) !== signatures.entry) throw view.malformed(`no entry at ${at}`);
    const nameLength = view.short(at + 28);
    const extraLength = view.short(at + 30);
    const name = utf8.decode(view.slice(at + 46, nameLength));
    if (isWanted(name)) entries.push(readEntry(view, at, { name, nameLength, extraLength, shift }));
    at += 46 + nameLength + extraLength + view.short(at + 32);
  }
  return { view, entries };
}

/** @throws PlimsollError MALFORMED_INPUT, or LIMIT_EXCEEDED past the budget or maxBytes */
export function readZipEntry(zip: Zip, entry: ZipEntry, maxBytes: number, budget: ZipBudget): Uint8Array {
  const start = contentStart(zip, entry);
  const limit = Math.min(maxBytes, budget.bytes);
  if (Math.max(entry.size, entry.method === methods.stored ? entry.compressedSize : 0) > limit)
    throw limitExceeded("zip archive", `an entry of ${entry.size} bytes, at most ${limit}`);
  const stored = zip.view.slice(start, entry.compressedSize);
  const content = entry.method === methods.stored ? stored : inflate(zip.view, entry, stored, limit);
  budget.bytes -= content.length;
  return content;
}

/** An entry that is not compressed, where it lies. @returns undefined for one that is */
export function locateZipEntry(zip: Zip, entry: ZipEntry, budget: ZipBudget): FileBytes | undefined {
  if (entry.method !== methods.stored) return undefined;
  budget.stored -= entry.compressedSize;
  if (budget.stored < 0) throw limitExceeded("zip archive", "too many bytes of archives in it");
  return zip.view.range(contentStart(zip, entry), entry.compressedSize);
}

function contentStart({ view }: Zip, { offset, name }: ZipEntry): number {
  if (view.word(offset) !== signatures.local) throw view.malformed(`no local header for ${name.slice(0, 100)}`);
  return offset + 30 + view.short(offset + 26) + view.short(offset + 28);
}

function inflate(view: ByteView, entry: ZipEntry, stored: Uint8Array, limit: number): Uint8Array {
  if (entry.method !== methods.deflated) throw view.malformed(`compression method ${entry.method}`);
  // The size that the directory claims is not believed, only bounded. In one piece: several would be copied into one.
  const maxOutputLength = Math.max(1, Math.min(limit, entry.size + 1));
  try {
    return inflateRawSync(stored, { maxOutputLength, chunkSize: Math.max(64, maxOutputLength) });
  } catch (thrown) {
    throw view.malformed(`${entry.name.slice(0, 100)}: ${errorText(thrown)}`);
  }
}

type Directory = { readonly start: number; readonly size: number; readonly shift: number };

/** The end record is searched from the end, since a comment may follow; programs may stand before the archive, which shifts all offsets. */
function findDirectory(view: ByteView): Directory {
  const lowest = Math.max(0, view.length - endSize - 65_535);
  const tail = Buffer.from(view.slice(lowest, view.length - lowest));
  for (let into = tail.lastIndexOf(endMark); into >= 0; into = into === 0 ? -1 : tail.lastIndexOf(endMark, into - 1)) {
    const at = lowest + into;
    if (at + endSize > view.length) continue;
    const directory = directoryAt(view, at);
    const isAtEnd = at + endSize + view.short(at + 20) === view.length;
    if (isAtEnd || isDirectory(view, directory)) return directory;
  }
  throw view.malformed("no end of a central directory");
}

/** A comment may hold what looks like an end record; a true one leads to entries. */
function isDirectory(view: ByteView, { start, size }: Directory): boolean {
  return start >= 0 && size > 0 && start + 4 <= view.length && view.word(start) === signatures.entry;
}

function directoryAt(view: ByteView, end: number): Directory {
  const locator = end - 20;
  if (locator >= 0 && view.word(locator) === signatures.zip64Locator) {
    const end64 = view.long(locator + 8);
    if (end64 < locator && view.word(end64) === signatures.zip64End) {
      const size = view.long(end64 + 40);
      return { start: end64 - size, size, shift: end64 - size - view.long(end64 + 48) };
    }
  }
  const size = view.word(end + 12);
  const start = end - size;
  return { start, size, shift: start - view.word(end + 16) };
}

type Lengths = {
  readonly name: string;
  readonly nameLength: number;
  readonly extraLength: number;
  readonly shift: number;
};

function readEntry(view: ByteView, at: number, { name, nameLength, extraLength, shift }: Lengths): ZipEntry {
  const extra = readZip64(view, at + 46 + nameLength, extraLength);
  const take = (offset: number): number =>
    view.word(at + offset) === 0xffff_ffff ? (extra.shift() ?? 0) : view.word(at + offset);
  // The extra field holds, in this order, only the numbers that do not fit.
  const size = take(24);
  const compressedSize = take(20);
  const offset = take(42) + shift;
  return { name, size, compressedSize, offset, method: view.short(at + 10) };
}

function readZip64(view: ByteView, start: number, length: number): number[] {
  for (let at = start; at + 4 <= start + length; at += 4 + view.short(at + 2)) {
    if (view.short(at) !== 1) continue;
    const count = Math.min(3, Math.floor(view.short(at + 2) / 8));
    return Array.from({ length: count }, (_, index) => view.long(at + 4 + index * 8));
  }
  return [];
}

const utf8 = new TextDecoder("utf-8");
