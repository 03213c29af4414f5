// Puts millions of rows in order without holding them in memory: SQLite sorts them in a file that is gone afterwards.

import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

export type SortedRow = { readonly key: string; readonly value: string };

export interface RowSorter {
  add(key: string, value: string): void;
  /** In the order of keys, then of values; what stands twice comes once. */
  sorted(): Iterable<SortedRow>;
  close(): void;
}

/** @param file that does not exist yet */
export function openRowSorter(file: string): RowSorter {
  rmSync(file, { force: true });
  const connection = new DatabaseSync(file);
  // Nothing here has to survive anything.
  connection.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE");
  connection.exec("CREATE TABLE rows (key TEXT NOT NULL, value TEXT NOT NULL) STRICT; BEGIN");
  const insert = connection.prepare("INSERT INTO rows VALUES (?, ?)");
  return {
    add: (key, value) => void insert.run(key, value),
    *sorted() {
      connection.exec("COMMIT");
      let last: SortedRow = { key: "", value: "" };
      for (const row of connection.prepare("SELECT key, value FROM rows ORDER BY key, value").iterate()) {
        const next = { key: String(row["key"]), value: String(row["value"]) };
        if (next.key !== last.key || next.value !== last.value) yield next;
        last = next;
      }
    },
    close() {
      connection.close();
      rmSync(file, { force: true });
    },
  };
}
