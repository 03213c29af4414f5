// Old records go by whole tiles of 256; their hashes stay, so the tree and every checkpoint remain provable. That records
// were dropped, and how many, is a record itself.

import type { AuditTables } from "./audit-tables.ts";
import type { AuditWriter } from "./audit-writer.ts";
import type { Database } from "./driver.ts";
import type { Journal } from "./journal.ts";
import { logNote } from "./log-note.ts";
import { tileWidth } from "./merkle.ts";
import { readRecord } from "./record.ts";

export type RetentionRules = {
  /** 0 keeps them for ever. */
  readonly keepDays: number;
  /** Most bytes of records on disk; 0 is no limit. */
  readonly maxBytes: number;
};

export type RetentionParts = RetentionRules & {
  readonly database: Database;
  readonly tables: AuditTables;
  readonly journal: Journal;
  readonly writer: AuditWriter;
  readonly nowMs: () => number;
};

/** Tiles of one step: some milliseconds in which nothing else happens. */
const tilesAtOnce = 4;
const msOfDay = 86_400_000;

/** Drops what is due, at most one step. @returns true when there is more to drop */
export function dropDueRecords(parts: RetentionParts): boolean {
  const { tables, database, writer, nowMs } = parts;
  const { start, end } = tables.span();
  // The newest tile's worth always stays: the log has to say how it went on.
  const lastDrop = Math.floor((end - tileWidth) / tileWidth) * tileWidth;
  const limit = Math.min(start + tilesAtOnce * tileWidth, lastDrop);
  const due = dueEnd(parts, start, limit);
  if (due <= start) return false;
  parts.journal.compact();
  const reason = `retention dropped the records before ${due}; their hashes are kept`;
  writer.note(logNote("audit/pruned", reason, { dropped: due }, nowMs()), () => {
    tables.dropEntries(due);
    tables.dropCheckpoints(due);
    tables.saveSetting("droppedRecords", String(due));
  });
  database.shrink();
  return due === limit;
}

function dueEnd(parts: RetentionParts, start: number, limit: number): number {
  if (parts.maxBytes > 0 && parts.database.usedBytes() > parts.maxBytes) return limit;
  if (parts.keepDays === 0) return start;
  const oldest = parts.nowMs() - parts.keepDays * msOfDay;
  let due = start;
  while (due < limit && endedMs(parts.tables, due + tileWidth - 1) < oldest) due += tileWidth;
  return due;
}

function endedMs(tables: AuditTables, position: number): number {
  for (const { body } of tables.entries(position, position + 1)) {
    const { time, durationMs } = readRecord(body);
    return Date.parse(time) + durationMs;
  }
  return Number.POSITIVE_INFINITY;
}
