// Recorded calls, asked again of a candidate: what would change if it served. Facts are recorded, so nothing else is needed.

import type { AuditRecord } from "../model/audit.ts";
import type { Decision, Question, Verdict } from "../model/decision.ts";
import { isAction } from "./actions.ts";
import type { PolicyEngine } from "./policy-engine.ts";

export type ReplayChange = {
  /** Id and time of the first record of this kind. */
  readonly id: string;
  readonly time: string;
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
  readonly before: Verdict;
  readonly after: Verdict;
  /** Rules of the candidate's decision. */
  readonly rules: readonly string[];
  readonly reason: string;
  readonly remedy: string;
  /** How many records changed in the same way. */
  readonly count: number;
};

/**
 * `beforePolicy`: refused before policy was asked, or recorded by a version with other facts. `ownRecord`: the log's words
 * about itself. `truncated`: facts that were too long for a record.
 */
export type SkipReason = "beforePolicy" | "ownRecord" | "truncated";

export type ReplayReport = {
  readonly evaluated: number;
  /** Left out, by reason. */
  readonly skipped: Readonly<Record<SkipReason, number>>;
  readonly unchanged: number;
  readonly newlyDenied: number;
  readonly newlyAllowed: number;
  /** Kinds of change, most frequent first, at most 1,000. */
  readonly changes: readonly ReplayChange[];
};

const maxKinds = 1000;

/** In observe and warn a call passed that policy would have refused: what policy said is what counts. */
export async function replayRecords(
  records: AsyncIterable<AuditRecord>,
  candidate: PolicyEngine,
): Promise<ReplayReport> {
  const skipped = { beforePolicy: 0, ownRecord: 0, truncated: 0 };
  const counts = { evaluated: 0, unchanged: 0, newlyDenied: 0, newlyAllowed: 0 };
  const kinds = new Map<string, ReplayChange>();
  for await (const record of records) {
    const reason = whyNotAsked(record);
    const question = reason === undefined ? questionOf(record) : undefined;
    const decision = question === undefined ? undefined : candidate.decide(question);
    if (decision === undefined || isUndecidable(decision)) {
      skipped[reason ?? "beforePolicy"] += 1;
      continue;
    }
    counts.evaluated += 1;
    const before = record.verdict === "deny" || record.wouldDeny ? "deny" : "allow";
    if (before === decision.verdict) counts.unchanged += 1;
    else {
      counts[decision.verdict === "deny" ? "newlyDenied" : "newlyAllowed"] += 1;
      count(kinds, changeOf(record, before, decision));
    }
  }
  const changes = [...kinds.values()].toSorted((one, other) => other.count - one.count);
  return { ...counts, skipped, changes };
}

function whyNotAsked(record: AuditRecord): SkipReason | undefined {
  if (record.caller.id === "plimsoll" && record.method === "") return "ownRecord";
  return record.facts["recordTruncated"] === true ? "truncated" : undefined;
}

/** Undefined where policy was never asked: no route, a broken request, nobody we know. */
function questionOf(record: AuditRecord): Question | undefined {
  const wasRefusedBefore = record.rules.some((rule) => rule.kind === "request");
  if (wasRefusedBefore || record.action === "unknown" || !isAction(record.action)) return undefined;
  return { principal: record.caller, action: record.action, resource: record.resource, context: record.facts };
}

function isUndecidable(decision: Decision): boolean {
  return decision.rules.some((rule) => rule.id === "policy-error");
}

function changeOf(record: AuditRecord, before: Verdict, decision: Decision): ReplayChange {
  return {
    id: record.id,
    time: record.time,
    caller: record.caller.id,
    action: record.action,
    resource: record.resource.name,
    before,
    after: decision.verdict,
    rules: decision.rules.map((rule) => rule.id),
    reason: decision.reason,
    remedy: decision.remedy,
    count: 1,
  };
}

function count(kinds: Map<string, ReplayChange>, change: ReplayChange): void {
  const key = JSON.stringify([change.caller, change.action, change.after, change.rules]);
  const known = kinds.get(key);
  if (known !== undefined) kinds.set(key, { ...known, count: known.count + 1 });
  else if (kinds.size < maxKinds) kinds.set(key, change);
}
