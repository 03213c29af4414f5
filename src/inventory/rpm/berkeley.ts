// The values of a Berkeley DB hash file, in which rpm kept its packages until 2020 (CentOS 8, Amazon Linux 2 and older).
// Source: Berkeley DB 5.3, src/dbinc/db_page.h (HMETA, PAGE, HOFFPAGE) and hash.h.

import { ByteView, type FileBytes } from "../bytes.ts";

const hashMagic = 0x061561;
const headerSize = 26;
/** A package with all its file names; the largest have 20 MB. */
const maxValueBytes = 64 * 1024 * 1024;
const pageTypes = { unsortedHash: 2, overflow: 7, hash: 13 } as const;
const itemTypes = { inline: 1, offPage: 3 } as const;

type Database = {
  readonly view: ByteView;
  readonly pageSize: number;
  /** Overflow pages that were read: each belongs to one value, so the work is bounded by the file's size. */
  readonly seen: Set<number>;
};

export function isBerkeleyHash(bytes: FileBytes): boolean {
  return bytes.length >= 512 && [true, false].some((isLittle) => magicOf(bytes, isLittle) === hashMagic);
}

/** Every value but that of key 0, which counts. @throws PlimsollError MALFORMED_INPUT */
export function* readBerkeleyValues(bytes: FileBytes): Generator<Uint8Array> {
  const view = new ByteView(bytes, "Berkeley DB", magicOf(bytes, true) === hashMagic);
  if (view.byte(24) !== 0) throw view.malformed("it is encrypted");
  const pageSize = view.word(20);
  if (pageSize < 512 || pageSize > 65_536) throw view.malformed(`a page size of ${pageSize}`);
  const database: Database = { view, pageSize, seen: new Set() };
  const pages = Math.min(view.word(32), Math.floor(view.length / pageSize) - 1);
  for (let page = 1; page <= pages; page += 1) {
    const type = view.byte(page * pageSize + 25);
    if (type === pageTypes.hash || type === pageTypes.unsortedHash) yield* readHashPage(database, page * pageSize);
  }
}

function magicOf(bytes: FileBytes, isLittleEndian: boolean): number {
  return new ByteView(bytes, "Berkeley DB", isLittleEndian).word(12);
}

/** Keys and values take turns; the index at the page's start points to items that fill it from its end. */
function* readHashPage(database: Database, start: number): Generator<Uint8Array> {
  const { view, pageSize } = database;
  const entries = view.short(start + 20);
  if (entries % 2 !== 0 || headerSize + entries * 2 > pageSize) throw view.malformed(`${entries} entries in a page`);
  let last = pageSize;
  for (let entry = 1; entry < entries; entry += 2) {
    const offset = view.short(start + headerSize + entry * 2);
    const end = view.short(start + headerSize + (entry - 1) * 2);
    // Each lies before the one before it: items upon one another would cost more than the file's size.
    if (offset >= end || end >= last) throw view.malformed(`an item from ${offset} to ${end}, before ${last}`);
    last = offset;
    const item = view.slice(start + offset, end - offset);
    if (item[0] === itemTypes.offPage) yield readOverflow(database, start + offset);
    else if (item[0] === itemTypes.inline && item.length > 16) yield item.subarray(1);
  }
}

function readOverflow(database: Database, item: number): Uint8Array {
  const { view, pageSize, seen } = database;
  const length = view.word(item + 8);
  if (length > Math.min(view.length, maxValueBytes)) throw view.malformed(`a value of ${length} bytes`);
  const value = Buffer.alloc(length);
  let filled = 0;
  for (let page = view.word(item + 4); page !== 0 && filled < length; page = view.word(page * pageSize + 16)) {
    if (seen.has(page)) throw view.malformed(`page ${page} belongs to two values`);
    seen.add(page);
    const start = page * pageSize;
    if (view.byte(start + 25) !== pageTypes.overflow) throw view.malformed(`page ${page} is no overflow page`);
    const used = Math.min(view.short(start + 22), length - filled, pageSize - headerSize);
    value.set(view.slice(start + headerSize, used), filled);
    filled += used;
  }
  if (filled < length) throw view.malformed(`${filled} of ${length} bytes of a value`);
  return value;
}
