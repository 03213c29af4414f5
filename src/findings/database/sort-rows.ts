// Puts millions of rows in order without holding them in memory: SQLite sorts them in a file that is gone afterwards.

import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** All values of one key, each once, in order. */
export type SortedRow = { readonly key: string; readonly values: readonly string[] };

export interface RowSorter {
  add(key: string, value: string): void;
  /** In the order of keys. */
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
      let key = "";
      let values: string[] = [];
      for (const row of connection.prepare("SELECT key, value FROM rows ORDER BY key").iterate()) {
        const next = String(row["key"]);
        if (next !== key && values.length > 0) {
          yield { key, values: sortedOnce(values) };
          values = [];
        }
        key = next;
        values.push(String(row["value"]));
      }
      if (values.length > 0) yield { key, values: sortedOnce(values) };
    },
    close() {
      connection.close();
      rmSync(file, { force: true });
    },
  };
}

function sortedOnce(values: readonly string[]): readonly string[] {
  return values.length === 1 ? values : [...new Set(values)].sort();
}
