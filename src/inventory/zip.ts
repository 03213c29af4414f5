// The entries of a zip archive, by its central directory, which is what a Java machine goes by. What is inflated counts against one budget,
// so that neither bombs nor entries that lie upon one another cost more than it allows.
// Source: PKWARE APPNOTE 6.3.10, sections 4.3.6 to 4.3.16 and 4.5.3 (zip64).

import { inflateRawSync } from "node:zlib";
import { errorText, limitExceeded } from "../base/errors.ts";
import { ByteView } from "./bytes.ts";

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

/** @throws PlimsollError MALFORMED_INPUT, or LIMIT_EXCEEDED past the budget */
export function readZip(bytes: Uint8Array, budget: ZipBudget): Zip {
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
    entries.push(readEntry(view, at, { nameLength, extraLength, shift }));
    at += 46 + nameLength + extraLength + view.short(at + 32);
  }
  return { view, entries };
}

/** @throws PlimsollError MALFORMED_INPUT, or LIMIT_EXCEEDED past the budget or maxBytes */
export function readZipEntry({ view }: Zip, entry: ZipEntry, maxBytes: number, budget: ZipBudget): Uint8Array {
  if (view.word(entry.offset) !== signatures.local)
    throw view.malformed(`no local header for ${entry.name.slice(0, 100)}`);
  const start = entry.offset + 30 + view.short(entry.offset + 26) + view.short(entry.offset + 28);
  const stored = view.slice(start, entry.compressedSize);
  const limit = Math.min(maxBytes, budget.bytes);
  if (entry.size > limit) throw limitExceeded("zip archive", `an entry of ${entry.size} bytes, at most ${limit}`);
  const content = inflate(view, entry, stored, limit);
  budget.bytes -= content.length;
  return content;
}

function inflate(view: ByteView, entry: ZipEntry, stored: Uint8Array, limit: number): Uint8Array {
  if (entry.method === methods.stored) return stored.subarray(0, limit);
  if (entry.method !== methods.deflated) throw view.malformed(`compression method ${entry.method}`);
  try {
    // The size that the directory claims is not believed, only bounded.
    return inflateRawSync(stored, { maxOutputLength: Math.max(1, Math.min(limit, entry.size + 1)) });
  } catch (thrown) {
    throw view.malformed(`${entry.name.slice(0, 100)}: ${errorText(thrown)}`);
  }
}

type Directory = { readonly start: number; readonly size: number; readonly shift: number };

/** The end record is searched from the end, since a comment may follow; programs may stand before the archive, which shifts all offsets. */
function findDirectory(view: ByteView): Directory {
  const lowest = Math.max(0, view.length - endSize - 65_535);
  for (let at = view.length - endSize; at >= lowest; at -= 1) {
    if (view.byte(at) !== 0x50 || view.word(at) !== signatures.end) continue;
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

type Lengths = { readonly nameLength: number; readonly extraLength: number; readonly shift: number };

function readEntry(view: ByteView, at: number, { nameLength, extraLength, shift }: Lengths): ZipEntry {
  const extra = readZip64(view, at + 46 + nameLength, extraLength);
  const take = (offset: number): number =>
    view.word(at + offset) === 0xffff_ffff ? (extra.shift() ?? 0) : view.word(at + offset);
  // The extra field holds, in this order, only the numbers that do not fit.
  const size = take(24);
  const compressedSize = take(20);
  const offset = take(42) + shift;
  const name = utf8.decode(view.slice(at + 46, nameLength));
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
