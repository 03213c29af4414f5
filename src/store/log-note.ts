// What the log says about itself: that it was full, that it has room again, that old records were dropped.
// The same shape as every record, so nobody needs a second reader; the rule names the kind.

import { requestId } from "../base/request-id.ts";
import type { AuditRecord } from "../model/audit.ts";
import type { Facts } from "../model/facts.ts";

export type LogNoteRule = "audit/full" | "audit/room-again" | "audit/pruned";

/** @param reason one sentence, lower case */
export function logNote(rule: LogNoteRule, reason: string, facts: Facts, nowMs: number): AuditRecord {
  return {
    id: requestId(nowMs),
    time: new Date(nowMs).toISOString(),
    listener: "",
    mode: "enforce",
    caller: { id: "plimsoll", kind: "anonymous", name: "plimsoll", groups: [], owner: "", provider: "plimsoll" },
    method: "",
    path: "",
    action: "unknown",
    resource: { type: "Engine", id: "", name: "", owner: "", isShared: false },
    facts,
    verdict: "allow",
    wouldDeny: false,
    rules: [{ id: rule, kind: "request", file: "", line: 0 }],
    reason,
    status: 0,
    bytesIn: 0,
    bytesOut: 0,
    durationMs: 0,
    end: "complete",
  };
}

/** True for records that no caller caused. */
export function isLogNote(record: AuditRecord): boolean {
  return record.caller.provider === "plimsoll" && record.method === "";
}
