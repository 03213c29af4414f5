// The two records that frame the time in which the log could not be written.

import { errorText } from "../base/errors.ts";
import type { AuditRecord } from "../model/audit.ts";
import { logNote } from "./log-note.ts";

/** The time without room: what the record that ends it will say. */
export type Gap = { readonly sinceMs: number; readonly lost: number; readonly refused: number };

export function fullNote(nowMs: number, cause: unknown): AuditRecord {
  const reason = `the audit log is full (${errorText(cause)}): requests are refused where policy is enforced, elsewhere they pass without a record`;
  return logNote("audit/full", reason, {}, nowMs);
}

export function roomAgainNote({ sinceMs, refused, lost }: Gap, nowMs: number): AuditRecord {
  const since = new Date(sinceMs).toISOString();
  const reason = `the audit log has room again: since ${since} ${refused} requests were refused and ${lost} passed without a record`;
  return logNote("audit/room-again", reason, { since, lost, refused }, nowMs);
}
