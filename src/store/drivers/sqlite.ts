// SQLite through node:sqlite. WAL with synchronous=NORMAL: a commit is in the page cache when it returns, so a killed
// process loses nothing; a power cut can lose commits since the last sync, never the file.
// Source: sqlite.org/wal.html ("Durability"), sqlite.org/pragma.html#pragma_synchronous.

import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { type Database, numberColumn, type OpenOptions, type Row, type SqlValue, type StoreDriver } from "../driver.ts";

/** Pages (4 KiB) in the write-ahead log before they are moved into the database: a pause of some milliseconds. */
const autoCheckpointPages = 4000;

export const sqlite: StoreDriver = {
  name: "sqlite",
  summary: "one file in the state folder; nothing to install",
  needs: {},
  open(file, options) {
    try {
      return openDatabase(file, options);
    } catch (cause) {
      if (cause instanceof PlimsollError) throw cause;
      throw new PlimsollError("STORE_UNAVAILABLE", `${file}: cannot be opened as a database: ${errorText(cause)}`, {
        hint: "check that the file belongs to the user plimsoll runs as, that the disk has room, and that it is a plimsoll database",
        cause,
      });
    }
  },
};

function openDatabase(file: string, options: OpenOptions): Database {
  if (options.access === "write") createPrivate(file);
  const connection = new DatabaseSync(file, { readOnly: options.access === "read", timeout: options.busyTimeoutMs });
  try {
    if (options.access === "write") prepareForWriting(connection);
    checkVersion(connection, file, options);
  } catch (cause) {
    connection.close();
    throw cause;
  }
  return asDatabase(connection, file);
}

/** SQLite gives its journals the mode of the database file, so the file comes first and is 0600. */
function createPrivate(file: string): void {
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
}

function prepareForWriting(connection: DatabaseSync): void {
  // Before the first table, or it has no effect.
  connection.exec("PRAGMA auto_vacuum = INCREMENTAL");
  connection.exec("PRAGMA journal_mode = WAL");
  connection.exec("PRAGMA synchronous = NORMAL");
  connection.exec(`PRAGMA wal_autocheckpoint = ${autoCheckpointPages}`);
  connection.exec("PRAGMA journal_size_limit = 16777216");
}

function checkVersion(connection: DatabaseSync, file: string, options: OpenOptions): void {
  const found = Number(connection.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  const wanted = options.migrations.length;
  if (found > wanted) {
    throw new PlimsollError("STORE_UNAVAILABLE", `${file}: schema version ${found}, expected at most ${wanted}`, {
      hint: "run the newer plimsoll that wrote it, or restore the folder from before the upgrade",
    });
  }
  if (options.access === "read" && found < wanted) {
    throw new PlimsollError("STORE_UNAVAILABLE", `${file}: schema version ${found}, expected ${wanted}`, {
      hint: "start plimsoll once: it brings the database up to date",
    });
  }
  for (let version = found; version < wanted; version++)
    migrate(connection, options.migrations[version] ?? "", version + 1);
}

function migrate(connection: DatabaseSync, sql: string, version: number): void {
  connection.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${version}; COMMIT`);
}

function asDatabase(connection: DatabaseSync, file: string): Database {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql) ?? connection.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  const within = <T>(begin: string, work: () => T): T => {
    prepare(begin).run();
    try {
      const result = work();
      prepare("COMMIT").run();
      return result;
    } catch (cause) {
      if (connection.isTransaction) prepare("ROLLBACK").run();
      throw cause;
    }
  };
  const pragma = (name: string): number => numberColumn(prepare(`PRAGMA ${name}`).get(), name);
  return {
    file,
    run: (sql, ...values) => Number(prepare(sql).run(...values).changes),
    all: (sql, ...values): readonly Row[] => prepare(sql).all(...values),
    // A statement of its own: a cached one would be rewound by the next reader of the same text.
    iterate: (sql, ...values: readonly SqlValue[]): IterableIterator<Row> => connection.prepare(sql).iterate(...values),
    transact: (work) => within("BEGIN IMMEDIATE", work),
    snapshot: (work) => within("BEGIN", work),
    sync: () => syncJournal(`${file}-wal`),
    usedBytes: () => (pragma("page_count") - pragma("freelist_count")) * pragma("page_size"),
    trimJournal: () => connection.exec("PRAGMA wal_checkpoint(TRUNCATE)"),
    shrink: () => connection.exec("PRAGMA incremental_vacuum(2048)"),
    close: () => connection.close(),
  };
}

/** Every commit since the last checkpoint is in the journal; what is no longer there was synced by SQLite when it moved. */
async function syncJournal(file: string): Promise<void> {
  const handle = await open(file, "r+").catch((cause: unknown) => {
    if (sizeOf(file) === 0) return undefined;
    throw cause;
  });
  if (handle === undefined) return;
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
