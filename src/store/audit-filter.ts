// Which records somebody wants to see. Exact matches only; `container.*` is the one pattern, for actions.

import type { AuditRecord } from "../model/audit.ts";

export type AuditFilter = {
  /** Principal id (`unix:alice`) or name (`alice`). */
  readonly caller?: string;
  /** `container.create`, or `container.*` for all of a kind. */
  readonly action?: string;
  /** `would-deny`: passed, but policy would have refused. */
  readonly verdict?: "allow" | "deny" | "would-deny";
  readonly listener?: string;
  /** Milliseconds since 1970: requests that began then or later. */
  readonly sinceMs?: number;
};

export function matches(record: AuditRecord, filter: AuditFilter): boolean {
  const { caller, action, verdict, listener, sinceMs } = filter;
  if (caller !== undefined && record.caller.id !== caller && record.caller.name !== caller) return false;
  if (action !== undefined && !matchesAction(record.action, action)) return false;
  if (verdict !== undefined && verdictOf(record) !== verdict) return false;
  if (listener !== undefined && record.listener !== listener) return false;
  return sinceMs === undefined || Date.parse(record.time) >= sinceMs;
}

/** The three answers that people see. */
export function verdictOf(record: AuditRecord): "allow" | "deny" | "would-deny" {
  if (record.verdict === "deny") return "deny";
  return record.wouldDeny ? "would-deny" : "allow";
}

function matchesAction(action: string, wanted: string): boolean {
  return wanted.endsWith(".*") ? action.startsWith(wanted.slice(0, -1)) : action === wanted;
}
