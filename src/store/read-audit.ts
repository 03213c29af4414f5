// Records of the log, oldest first, with filters; and as they come, when somebody follows.

import { setTimeout as sleep } from "node:timers/promises";
import { requestId } from "../base/request-id.ts";
import type { AuditRecord } from "../model/audit.ts";
import { type AuditFilter, matches } from "./audit-filter.ts";
import { type AuditReader, openAuditReader } from "./audit-reader.ts";
import { readRecord } from "./record.ts";

export type ReadAuditOptions = AuditFilter & {
  readonly folder: string;
  /** Begin with the newest so many that match; absent: all. */
  readonly last?: number;
  /** Go on with records that are written from now on, until this is aborted. */
  readonly follow?: AbortSignal;
};

/** How long a record may lie in the log before a follower sees it. */
const pollMs = 150;
const chunkSize = 512;

/** @throws PlimsollError NOT_FOUND, STORE_UNAVAILABLE, LOG_CORRUPT on an entry that is no record */
export async function* readAudit(options: ReadAuditOptions): AsyncGenerator<AuditRecord> {
  const reader = openAuditReader(options.folder);
  try {
    const { start, end } = reader.tables.span();
    let next = options.last === undefined ? firstSince(reader, options.sinceMs, start) : end;
    if (options.last !== undefined) yield* newest(reader, options, options.last, start, end);
    do {
      const edge = reader.tables.span().end;
      for (; next < edge; next = Math.min(next + chunkSize, edge)) yield* matching(reader, options, next, edge);
    } while (options.follow !== undefined && (await pause(options.follow)));
  } finally {
    reader.close();
  }
}

/** One whole record. */
export function findRecord(folder: string, id: string): AuditRecord | undefined {
  const reader = openAuditReader(folder);
  try {
    const entry = reader.tables.entryById(id);
    const record = entry === undefined ? undefined : readRecord(entry.body);
    return record?.id === id ? record : undefined;
  } finally {
    reader.close();
  }
}

function matching(reader: AuditReader, filter: AuditFilter, start: number, edge: number): AuditRecord[] {
  const entries = [...reader.tables.entries(start, Math.min(start + chunkSize, edge))];
  return entries.map((entry) => readRecord(entry.body)).filter((record) => matches(record, filter));
}

/** From the end backwards, until there are enough. */
function newest(reader: AuditReader, filter: AuditFilter, count: number, start: number, end: number): AuditRecord[] {
  let found: AuditRecord[] = [];
  for (let edge = end; edge > start && found.length < count; edge -= chunkSize) {
    found = [...matching(reader, filter, Math.max(start, edge - chunkSize), edge), ...found];
  }
  return count === 0 ? [] : found.slice(-count);
}

/** Ids sort by the time a request began, so the first position that can match is found without reading records. */
function firstSince(reader: AuditReader, sinceMs: number | undefined, start: number): number {
  if (sinceMs === undefined) return start;
  return Math.max(start, reader.tables.firstPositionSince(`${requestId(sinceMs).slice(0, 10)}${"0".repeat(16)}`));
}

async function pause(signal: AbortSignal): Promise<boolean> {
  await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
