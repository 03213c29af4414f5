// The values of one table of an SQLite file, read straight from its pages: the bytes are from outside, and no SQL of theirs is run.
// Source: sqlite.org/fileformat2.html, sections 1.3 (header), 1.6 (b-tree pages), 2.1 (records), 2.6 (schema).

import { ByteView, type FileBytes, startOf } from "../bytes.ts";

const leafTable = 0x0d;
const interiorTable = 0x05;
/** A package with all its file names; the largest have 20 MB. */
const maxRowBytes = 64 * 1024 * 1024;

type Database = {
  readonly view: ByteView;
  readonly pageSize: number;
  /** Without the bytes that are reserved at a page's end. */
  readonly usable: number;
  /** Pages that were read: each belongs to one place, so the work is bounded by the file's size. */
  readonly seen: Set<number>;
  /** Bytes of rows: a page's pointers may all lead to the same one. */
  rowBytes: number;
};

type Value = { readonly type: number; readonly bytes: Uint8Array };

export function isSqlite(bytes: FileBytes): boolean {
  return Buffer.from(startOf(bytes, 16)).toString("latin1") === "SQLite format 3\0";
}

/**
 * Every BLOB of a table's column, in order of row id.
 * @throws PlimsollError MALFORMED_INPUT when there is no such table, or the pages are broken
 */
export function* readSqliteBlobs(bytes: FileBytes, table: string, column: number): Generator<Uint8Array> {
  const database = openDatabase(bytes);
  const root = findTable(database, table);
  for (const record of readTable(database, root, 0)) {
    const value = columnsOf(database, record)[column];
    if (value !== undefined && isBlob(value.type)) yield value.bytes;
  }
}

function openDatabase(bytes: FileBytes): Database {
  const view = new ByteView(bytes, "sqlite database", false);
  const stored = view.short(16);
  const pageSize = stored === 1 ? 65_536 : stored;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) throw view.malformed(`a page size of ${pageSize}`);
  const usable = pageSize - view.byte(20);
  if (usable < 480) throw view.malformed(`${usable} usable bytes a page`);
  return { view, pageSize, usable, seen: new Set(), rowBytes: 0 };
}

function findTable(database: Database, name: string): number {
  for (const record of readTable(database, 1, 0)) {
    const [type, itsName, , root] = columnsOf(database, record);
    if (textOf(type) === "table" && textOf(itsName) === name) return integerOf(root);
  }
  throw database.view.malformed(`expected a table ${name}, found none`);
}

/** @returns the payload of each row */
function* readTable(database: Database, page: number, depth: number): Generator<Uint8Array> {
  const { view } = database;
  if (depth > 20) throw view.malformed("a table nested deeper than 20 pages");
  const start = pageStart(database, page);
  const header = page === 1 ? start + 100 : start;
  const type = view.byte(header);
  const cells = view.short(header + 3);
  if (type === leafTable) {
    for (let cell = 0; cell < cells; cell += 1) {
      yield readCell(database, start, start + view.short(header + 8 + cell * 2));
    }
    return;
  }
  if (type !== interiorTable) throw view.malformed(`a page of type ${type} in a table`);
  for (let cell = 0; cell < cells; cell += 1) {
    yield* readTable(database, view.word(start + view.short(header + 12 + cell * 2)), depth + 1);
  }
  yield* readTable(database, view.word(header + 8), depth + 1);
}

function pageStart({ view, pageSize, seen }: Database, page: number): number {
  // Page 1 is read twice when it is asked for twice only by a circle; the schema's own reading is the first.
  if (page < 1 || seen.has(page)) throw view.malformed(`page ${page} stands at two places`);
  seen.add(page);
  const start = (page - 1) * pageSize;
  view.require(start, pageSize);
  return start;
}

function readCell(database: Database, pageAt: number, at: number): Uint8Array {
  const { view, usable, pageSize } = database;
  const size = readVarint(view, at);
  const rowId = readVarint(view, size.end);
  const length = size.value;
  if (length > Math.min(view.length, maxRowBytes)) throw view.malformed(`a row of ${length} bytes`);
  database.rowBytes += length;
  if (database.rowBytes > view.length) throw view.malformed("rows that lie upon one another");
  const local = localBytes(length, usable);
  if (rowId.end + local > pageAt + pageSize) throw view.malformed("a row reaches past its page");
  if (local === length) return view.slice(rowId.end, length);
  const payload = Buffer.alloc(length);
  payload.set(view.slice(rowId.end, local));
  let filled = local;
  let next = view.word(rowId.end + local);
  while (filled < length) {
    const start = pageStart(database, next);
    const part = view.slice(start + 4, Math.min(usable - 4, length - filled));
    payload.set(part, filled);
    filled += part.length;
    next = view.word(start);
  }
  return payload;
}

/** How much of a row's payload stands in the table's own page; section 1.6, "cell payload overflow". */
function localBytes(length: number, usable: number): number {
  const most = usable - 35;
  if (length <= most) return length;
  const least = Math.trunc(((usable - 12) * 32) / 255) - 23;
  const kept = least + ((length - least) % (usable - 4));
  return kept <= most ? kept : least;
}

function columnsOf(database: Database, payload: Uint8Array): readonly Value[] {
  const view = new ByteView(payload, database.view.what, false);
  const head = readVarint(view, 0);
  const columns: Value[] = [];
  let value = head.value;
  for (let at = head.end; at < head.value && columns.length < 100; ) {
    const type = readVarint(view, at);
    at = type.end;
    const length = lengthOf(type.value);
    columns.push({ type: type.value, bytes: view.slice(value, length) });
    value += length;
  }
  return columns;
}

const fixedLengths: readonly number[] = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0];

function lengthOf(type: number): number {
  return fixedLengths[type] ?? Math.trunc((type - 12) / 2);
}

function isBlob(type: number): boolean {
  return type >= 12 && type % 2 === 0;
}

function textOf(value: Value | undefined): string {
  return value !== undefined && value.type >= 13 && value.type % 2 === 1
    ? Buffer.from(value.bytes).toString("utf8")
    : "";
}

function integerOf(value: Value | undefined): number {
  if (value === undefined || value.type > 9) return 0;
  if (value.type >= 8) return value.type - 8;
  let number = 0;
  for (const byte of value.bytes) number = number * 256 + byte;
  return number;
}

/** Seven bits a byte, most significant first, nine bytes at most. */
function readVarint(view: ByteView, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = start; at < start + 8; at += 1) {
    const byte = view.byte(at);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return { value: value * 256 + view.byte(start + 8), end: start + 9 };
}
