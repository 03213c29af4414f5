// Where rows are kept. A driver is one file that opens a database; everything above it speaks SQL through these few calls.
// They are synchronous: one commit of SQLite is shorter than a hop to another thread, and none is on a request's path.

import type { Plugin } from "../base/plugin.ts";

export interface StoreDriver extends Plugin {
  /** @throws PlimsollError STORE_UNAVAILABLE when the file cannot be opened or is not a database */
  open(file: string, options: OpenOptions): Database;
}

export type OpenOptions = {
  /** Reading commands open while the daemon writes. */
  readonly access: "write" | "read";
  /** SQL that brings an empty database up to date, one entry a version; only ever appended to. */
  readonly migrations: readonly string[];
  /** How long another process's lock is waited for. */
  readonly busyTimeoutMs: number;
};

export type SqlValue = null | number | bigint | string | Uint8Array;
export type Row = Readonly<Record<string, unknown>>;

export interface Database {
  readonly file: string;
  /** Runs one statement. @returns the number of changed rows */
  run(sql: string, ...values: readonly SqlValue[]): number;
  all(sql: string, ...values: readonly SqlValue[]): readonly Row[];
  iterate(sql: string, ...values: readonly SqlValue[]): IterableIterator<Row>;
  /** All or nothing: a throw inside takes everything back. After it returns, a kill of this process loses nothing. */
  transact<T>(work: () => T): T;
  /** What `work` reads is of one moment, whatever is written meanwhile. */
  snapshot<T>(work: () => T): T;
  /** Afterwards a power cut loses nothing that was committed before the call. */
  sync(): Promise<void>;
  /** Bytes that hold rows; what deleted rows left free is not counted. */
  usedBytes(): number;
  /** Gives the space of journals back to the disk, as far as readers permit. */
  trimJournal(): void;
  /** Gives some of what deleted rows left free back to the disk. */
  shrink(): void;
  close(): void;
}

/** A column as text. A row that has something else there was not written by us. */
export function textColumn(row: Row | undefined, name: string): string {
  const value = row?.[name];
  return typeof value === "string" ? value : "";
}

export function numberColumn(row: Row | undefined, name: string): number {
  const value = row?.[name];
  return typeof value === "number" ? value : 0;
}

export function bytesColumn(row: Row | undefined, name: string): Uint8Array {
  const value = row?.[name];
  return value instanceof Uint8Array ? value : new Uint8Array();
}
