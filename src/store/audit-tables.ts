// The audit log's rows, by name instead of by SQL.

import { PlimsollError } from "../base/errors.ts";
import { bytesColumn, type Database, numberColumn, textColumn } from "./driver.ts";
import { appendLeaf, type HashReader, leafHash, type Tree } from "./merkle.ts";

export type Entry = { readonly position: number; readonly id: string; readonly body: string };
export type Pending = { readonly number: number; readonly opening: string };

export interface AuditTables {
  /** Appends one record. @returns the tree with it, or the same tree when the id has a record already */
  append(tree: Tree, id: string, body: string): Tree;
  addPending(pending: Pending): void;
  removePending(number: number): void;
  pending(): readonly Pending[];
  /** Entries whose bodies are still there, in order. */
  entries(start: number, end: number): IterableIterator<Entry>;
  entryById(id: string): Entry | undefined;
  /** Where bodies begin and end; equal when there is none. */
  span(): { readonly start: number; readonly end: number };
  /** Number of leaf hashes: the size of the tree. */
  size(): number;
  /** @throws PlimsollError LOG_CORRUPT when the hash is missing */
  readonly readHash: HashReader;
  saveCheckpoint(size: number, note: string): void;
  /** The newest, or the newest of at most `size`. */
  lastCheckpoint(size?: number): string | undefined;
  checkpoints(): IterableIterator<{ readonly size: number; readonly note: string }>;
  setting(name: string): string | undefined;
  saveSetting(name: string, value: string): void;
}

export function auditTables(database: Database): AuditTables {
  return { ...entryRows(database), ...treeRows(database), ...checkpointRows(database) };
}

function entryRows(
  database: Database,
): Pick<AuditTables, "append" | "addPending" | "removePending" | "pending" | "entries" | "entryById" | "span"> {
  return {
    append(tree, id, body) {
      const insert = "INSERT INTO entry (position, id, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING";
      if (database.run(insert, tree.size, id, body) === 0) return tree;
      return appendLeaf(tree, leafHash(Buffer.from(body)), ({ level, number, hash }) => {
        database.run("INSERT INTO hash (level, number, hash) VALUES (?, ?, ?)", level, number, hash);
      });
    },
    addPending: ({ number, opening }) => {
      database.run("INSERT INTO pending (number, opening) VALUES (?, ?)", number, opening);
    },
    removePending: (number) => {
      database.run("DELETE FROM pending WHERE number = ?", number);
    },
    pending: () =>
      database
        .all("SELECT number, opening FROM pending ORDER BY number")
        .map((row) => ({ number: numberColumn(row, "number"), opening: textColumn(row, "opening") })),
    *entries(start, end) {
      const sql = "SELECT position, id, body FROM entry WHERE position >= ? AND position < ? ORDER BY position";
      for (const row of database.iterate(sql, start, end)) yield toEntry(row);
    },
    entryById(id) {
      const [row] = database.all("SELECT position, id, body FROM entry WHERE id = ?", id);
      return row === undefined ? undefined : toEntry(row);
    },
    span() {
      const [first] = database.all("SELECT min(position) AS edge FROM entry");
      const [last] = database.all("SELECT max(position) + 1 AS edge FROM entry");
      return { start: numberColumn(first, "edge"), end: numberColumn(last, "edge") };
    },
  };
}

function toEntry(row: Readonly<Record<string, unknown>>): Entry {
  return { position: numberColumn(row, "position"), id: textColumn(row, "id"), body: textColumn(row, "body") };
}

function treeRows(database: Database): Pick<AuditTables, "size" | "readHash"> {
  return {
    size: () => numberColumn(database.all("SELECT max(number) + 1 AS size FROM hash WHERE level = 0")[0], "size"),
    readHash(level, number) {
      const [row] = database.all("SELECT hash FROM hash WHERE level = ? AND number = ?", level, number);
      const hash = bytesColumn(row, "hash");
      if (hash.length === 32) return hash;
      throw new PlimsollError("LOG_CORRUPT", `${database.file}: hash ${number} of level ${level} is missing`, {
        hint: "run plimsoll log verify to see what was changed",
      });
    },
  };
}

function checkpointRows(
  database: Database,
): Pick<AuditTables, "saveCheckpoint" | "lastCheckpoint" | "checkpoints" | "setting" | "saveSetting"> {
  return {
    saveCheckpoint: (size, note) => {
      database.run("INSERT INTO checkpoint (size, note) VALUES (?, ?) ON CONFLICT (size) DO NOTHING", size, note);
    },
    lastCheckpoint(size = Number.MAX_SAFE_INTEGER) {
      const sql = "SELECT note FROM checkpoint WHERE size <= ? ORDER BY size DESC LIMIT 1";
      const [row] = database.all(sql, size);
      return row === undefined ? undefined : textColumn(row, "note");
    },
    *checkpoints() {
      for (const row of database.iterate("SELECT size, note FROM checkpoint ORDER BY size")) {
        yield { size: numberColumn(row, "size"), note: textColumn(row, "note") };
      }
    },
    setting(name) {
      const [row] = database.all("SELECT value FROM setting WHERE name = ?", name);
      return row === undefined ? undefined : textColumn(row, "value");
    },
    saveSetting: (name, value) => {
      database.run(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        value,
      );
    },
  };
}
