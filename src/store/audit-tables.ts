// The audit log's rows, by name instead of by SQL.

import { PlimsollError } from "../base/errors.ts";
import { bytesColumn, type Database, numberColumn, type Row, textColumn } from "./driver.ts";
import { type HashReader, leafHash, type TileHashes, tileWidth } from "./merkle.ts";

export type Entry = { readonly position: number; readonly body: string };

export interface AuditTables extends EntryRows, TileRows, NoteRows {}

interface EntryRows {
  addEntry(entry: Entry): void;
  /** Makes the records of a whole tile findable by id. */
  indexEntries(ids: readonly string[], firstPosition: number): void;
  /** Entries whose bodies are still there, in order. */
  entries(start: number, end: number): IterableIterator<Entry>;
  entryById(id: string): Entry | undefined;
  /** Whole tiles only. */
  indexedPosition(id: string): number | undefined;
  /** No earlier entry has an id that sorts at or after this. */
  firstPositionSince(id: string): number;
  /** Where bodies begin and end; equal when there is none. */
  span(): { readonly start: number; readonly end: number };
  dropEntries(end: number): void;
}

interface TileRows {
  addHashes(gained: TileHashes): void;
  /** As stored: 32 bytes a hash. */
  tile(level: number, number: number): Uint8Array;
  /** @throws PlimsollError LOG_CORRUPT when the hash is missing */
  readonly readHash: HashReader;
}

interface NoteRows {
  saveCheckpoint(size: number, note: string): void;
  /** The newest. */
  lastCheckpoint(): string | undefined;
  checkpoints(): IterableIterator<{ readonly size: number; readonly note: string }>;
  dropCheckpoints(end: number): void;
  setting(name: string): string | undefined;
  saveSetting(name: string, value: string): void;
}

export function auditTables(database: Database): AuditTables {
  return { ...entryRows(database), ...tileRows(database), ...noteRows(database) };
}

function entryRows(database: Database): EntryRows {
  return {
    addEntry: ({ position, body }) => {
      database.run("INSERT INTO entry (position, body) VALUES (?, ?)", position, body);
    },
    indexEntries(ids, firstPosition) {
      const sql = "INSERT INTO entry_id (id, position) VALUES (?, ?) ON CONFLICT DO NOTHING";
      for (const [index, id] of ids.entries()) database.run(sql, id, firstPosition + index);
    },
    *entries(start, end) {
      const sql = "SELECT position, body FROM entry WHERE position >= ? AND position < ? ORDER BY position";
      for (const row of database.iterate(sql, start, end)) yield toEntry(row);
    },
    entryById(id) {
      const indexed = "SELECT position, body FROM entry JOIN entry_id USING (position) WHERE id = ?";
      const recent =
        "SELECT position, body FROM entry WHERE position > (SELECT max(position) FROM entry) - ? AND body ->> '$.id' = ?";
      const row = database.all(indexed, id)[0] ?? database.all(recent, tileWidth, id)[0];
      return row === undefined ? undefined : toEntry(row);
    },
    indexedPosition(id) {
      const [row] = database.all("SELECT position FROM entry_id WHERE id = ?", id);
      return row === undefined ? undefined : numberColumn(row, "position");
    },
    firstPositionSince(id) {
      const [row] = database.all("SELECT coalesce(min(position), -1) AS first FROM entry_id WHERE id >= ?", id);
      const [edge] = database.all("SELECT coalesce(max(position) + 1, 0) AS first FROM entry_id");
      const first = numberColumn(row, "first");
      return first < 0 ? numberColumn(edge, "first") : first;
    },
    span() {
      const [first] = database.all("SELECT min(position) AS edge FROM entry");
      const [last] = database.all("SELECT max(position) + 1 AS edge FROM entry");
      return { start: numberColumn(first, "edge"), end: numberColumn(last, "edge") };
    },
    dropEntries(end) {
      database.run("DELETE FROM entry_id WHERE position < ?", end);
      database.run("DELETE FROM entry WHERE position < ?", end);
    },
  };
}

function toEntry(row: Row): Entry {
  return { position: numberColumn(row, "position"), body: textColumn(row, "body") };
}

function tileRows(database: Database): TileRows {
  /** Whole tiles never change. */
  const whole = new Map<string, Uint8Array>();
  const tile = (level: number, number: number): Uint8Array => {
    const key = `${level}/${number}`;
    const known = whole.get(key);
    if (known !== undefined) return known;
    const [row] = database.all("SELECT hashes FROM tile WHERE level = ? AND number = ?", level, number);
    const hashes = bytesColumn(row, "hashes");
    if (hashes.length === tileWidth * 32) {
      if (whole.size >= 64) whole.clear();
      whole.set(key, hashes);
    }
    return hashes;
  };
  return {
    addHashes({ level, tile: number, hashes }) {
      const sql =
        "INSERT INTO tile (level, number, hashes) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET hashes = excluded.hashes";
      database.run(sql, level, number, Buffer.concat([tile(level, number), ...hashes]));
    },
    tile,
    readHash(level, number) {
      const first = (number % tileWidth) * 32;
      const hash = tile(level, Math.floor(number / tileWidth)).subarray(first, first + 32);
      if (hash.length === 32) return hash;
      const [row] = level > 0 ? [] : database.all("SELECT position, body FROM entry WHERE position = ?", number);
      if (row !== undefined) return leafHash(Buffer.from(textColumn(row, "body")));
      throw new PlimsollError("LOG_CORRUPT", `${database.file}: hash ${number} of level ${level} is missing`, {
        hint: "run plimsoll log verify to see what was changed",
      });
    },
  };
}

function noteRows(database: Database): NoteRows {
  return {
    saveCheckpoint: (size, note) => {
      database.run("INSERT INTO checkpoint (size, note) VALUES (?, ?) ON CONFLICT DO NOTHING", size, note);
    },
    lastCheckpoint() {
      const [row] = database.all("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1");
      return row === undefined ? undefined : textColumn(row, "note");
    },
    *checkpoints() {
      for (const row of database.iterate("SELECT size, note FROM checkpoint ORDER BY size")) {
        yield { size: numberColumn(row, "size"), note: textColumn(row, "note") };
      }
    },
    dropCheckpoints: (end) => {
      database.run("DELETE FROM checkpoint WHERE size < ?", end);
    },
    setting(name) {
      const [row] = database.all("SELECT value FROM setting WHERE name = ?", name);
      return row === undefined ? undefined : textColumn(row, "value");
    },
    saveSetting: (name, value) => {
      const sql = "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value";
      database.run(sql, name, value);
    },
  };
}
