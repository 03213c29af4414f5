// What the last process left in its journal gets into the log: records that waited for their transaction, and one record
// for each request that was under way, which says that it was interrupted. Doing it twice changes nothing.

import { renameSync } from "node:fs";
import type { AuditTables } from "./audit-tables.ts";
import type { Database } from "./driver.ts";
import { readJournal } from "./journal.ts";
import { hasEnd, readOpening, recordWriter } from "./record.ts";
import { type Growth, growTree, type NewEntry } from "./tree-growth.ts";

export type RecoveryParts = {
  /** The journal; it may be begun anew afterwards. */
  readonly file: string;
  readonly origin: string;
  readonly database: Database;
  readonly tables: AuditTables;
  /** What the database has. */
  readonly log: Growth;
  readonly nowMs: number;
  /** What cannot be read is told, not fatal: the gate has to come up again. */
  readonly tell: (notice: string) => void;
};

/** @returns the log with everything that the journal promised */
export function recoverJournal({ file, origin, database, tables, log, nowMs, tell }: RecoveryParts): Growth {
  const { isOurs, texts, damaged } = readJournal(file, origin);
  const { entries, unreadable } = toEntries(texts);
  const grown = database.transact(() => growTree(log, tables, withoutStored(entries, tables, log)));
  // Before the lines go, a power cut must not be able to take what became of them.
  if (entries.length > 0) database.trimJournal();
  const lost = damaged + unreadable;
  if (isOurs && lost === 0) return grown;
  const aside = `${file}.aside-${nowMs}`;
  renameSync(file, aside);
  const what = isOurs
    ? `${lost} lines cannot be read: so many requests may have no record`
    : `this is not the journal of ${origin}: nothing was taken from it`;
  tell(`${file}: ${what}; the file is kept as ${aside}`);
  return grown;
}

/** One entry for each request: its record, or that it was interrupted. */
function toEntries(texts: readonly string[]): { readonly entries: readonly NewEntry[]; readonly unreadable: number } {
  const records = new Map<string, NewEntry>();
  const open = new Map<string, string>();
  let unreadable = 0;
  for (const text of texts) {
    try {
      const { id } = readOpening(text);
      if (!hasEnd(text)) open.set(id, text);
      else if (!records.has(id)) records.set(id, { id, body: text });
    } catch {
      unreadable++; // told by the caller
    }
  }
  const interrupted = [...open].filter(([id]) => !records.has(id)).map(([id, text]) => ({ id, body: interrupt(text) }));
  return { entries: [...records.values(), ...interrupted], unreadable };
}

function interrupt(text: string): string {
  const outcome = { status: 0, bytesIn: 0, bytesOut: 0, durationMs: 0, end: "interrupted" } as const;
  return recordWriter().record(readOpening(text), outcome);
}

/** Leaves out what an earlier transaction stored: the process may have died before it could shorten the journal. */
function withoutStored(entries: readonly NewEntry[], tables: AuditTables, log: Growth): readonly NewEntry[] {
  const newest = new Set(log.ids);
  return entries.filter(({ id }) => !newest.has(id) && tables.indexedPosition(id) === undefined);
}
