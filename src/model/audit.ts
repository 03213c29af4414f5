// One record a request. Values of environment variables and credentials never get here: facts hold names only.

import type { Action } from "./action.ts";
import type { Mode, Resource, RuleRef, Verdict } from "./decision.ts";
import type { Facts } from "./facts.ts";
import type { Principal } from "./principal.ts";

export type AuditOpening = {
  /** Unique per request, 26 characters, sorts by time (ULID). */
  readonly id: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly listener: string;
  readonly mode: Mode;
  readonly caller: Principal;
  readonly method: string;
  /** Canonical path without query; control characters escaped. */
  readonly path: string;
  /** "unknown" when no route matched. */
  readonly action: Action | "unknown";
  readonly resource: Resource;
  readonly facts: Facts;
  readonly verdict: Verdict;
  /** Observe and warn: policy would have refused. */
  readonly wouldDeny: boolean;
  readonly rules: readonly RuleRef[];
  readonly reason: string;
};

export type AuditOutcome = {
  /** HTTP status the caller got; 0 when none was sent. */
  readonly status: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly durationMs: number;
  /** How it ended; `interrupted` is written after a crash, for requests that were open. */
  readonly end: "complete" | "client-gone" | "engine-gone" | "refused" | "interrupted";
};

export type AuditRecord = AuditOpening & AuditOutcome;

/** Where the gate records. Both calls resolve when the bytes would survive a kill of this process. */
export interface AuditSink {
  /** Before the engine is asked. @throws PlimsollError AUDIT_UNAVAILABLE */
  open(opening: AuditOpening): Promise<void>;
  /** After the last byte; also closes requests that were refused without `open`. @throws PlimsollError AUDIT_UNAVAILABLE */
  close(opening: AuditOpening, outcome: AuditOutcome): Promise<void>;
}
