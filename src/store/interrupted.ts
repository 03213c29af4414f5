// Requests that were open when the last process died get their one record, which says so.

import type { AuditOpening } from "../model/audit.ts";
import type { AuditTables } from "./audit-tables.ts";
import { readIntents } from "./intent-journal.ts";
import type { Tree } from "./merkle.ts";
import { entryId, readOpening, recordWriter } from "./record.ts";
import { growTree } from "./tree-growth.ts";

/** The openings in the journal. Lines that a power cut left unreadable are told, not fatal: the gate has to come up again. */
export function readOpenings(file: string, tell: (notice: string) => void): readonly AuditOpening[] {
  const lines = readIntents(file);
  const openings = lines.flatMap((line) => {
    try {
      return [readOpening(line)];
    } catch {
      return []; // counted below
    }
  });
  const unreadable = lines.length - openings.length;
  if (unreadable > 0) tell(`${file}: ${unreadable} lines cannot be read: so many requests may have no record`);
  return openings;
}

/** To be called inside a transaction. @returns the tree with one record for each opening that has none */
export function closeInterrupted(openings: readonly AuditOpening[], tables: AuditTables, tree: Tree): Tree {
  const outcome = { status: 0, bytesIn: 0, bytesOut: 0, durationMs: 0, end: "interrupted" } as const;
  const records = recordWriter();
  const newest = [...tables.entries(tree.size - tree.leaves.length, tree.size)];
  const ended = new Set(newest.map(({ body }) => entryId(body)));
  const open = openings.filter(({ id }) => !ended.has(id) && tables.indexedPosition(id) === undefined);
  const entries = open.map((opening) => ({ id: opening.id, body: records.record(opening, outcome) }));
  return growTree(tree, tables, entries);
}
