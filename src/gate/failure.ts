// How a call ends that does not reach the engine as decided: refused by policy, not understood, or something broke.

import { type ErrorCode, errorText, PlimsollError } from "../base/errors.ts";
import type { AuditOutcome } from "../model/audit.ts";
import type { Decision } from "../model/decision.ts";
import type { Exchange } from "./exchange.ts";
import type { Gate } from "./gate.ts";
import { Denial, Refusal } from "./refusal.ts";
import type { Trail } from "./trail.ts";

export function isRefused(decision: Decision, exchange: Exchange): boolean {
  return decision.verdict === "deny" && exchange.profile.mode === "enforce";
}

/** Refuses what policy denied. */
export async function refuse(exchange: Exchange, trail: Trail, gate: Gate): Promise<void> {
  await recordThenRefuse(403, sentence(trail), exchange, trail, gate);
}

/** Turns anything thrown in the pipeline into an answer and a record; in observe and warn mode odd requests pass as they came. */
export async function answerFailure(thrown: unknown, exchange: Exchange, trail: Trail, gate: Gate): Promise<void> {
  // The engine acted and the record says so; only the answer failed, and a second record would contradict the first.
  if (trail.isRecorded)
    return void (await exchange.refuse(503, `plimsoll: ${errorText(thrown)}`).catch(() => undefined));
  const refusal = toRefusal(thrown);
  if (refusal instanceof Denial) trail.decided(refusal.decision);
  else trail.refused(refusal);
  // What is not there is told in the engine's own words: clients act on them.
  const message = refusal.rule === "request/not-found" ? refusal.message : sentence(trail);
  try {
    if (exchange.profile.mode === "enforce" || !mayPassUntouched(refusal)) {
      trail.stopped();
      await recordThenRefuse(refusal.status, message, exchange, trail, gate);
    } else {
      await gate.audit.open(trail.opening());
      await exchange.forwardUntouched((outcome) => gate.audit.close(trail.opening(), outcome));
    }
  } catch (again) {
    // The record or the answer failed: the caller still has to get an end, and nothing reaches the engine.
    await exchange.refuse(503, `plimsoll: ${errorText(again)}`).catch(() => undefined);
  }
}

async function recordThenRefuse(status: number, message: string, exchange: Exchange, trail: Trail, gate: Gate) {
  const outcome: AuditOutcome = {
    status,
    bytesIn: exchange.bytesIn,
    bytesOut: Buffer.byteLength(message),
    durationMs: performance.now() - exchange.startedMs,
    end: "refused",
  };
  // A deny stands even when it cannot be written down.
  const lost = await gate.audit.close(trail.opening(), outcome).then(() => "", errorText);
  await exchange.refuse(
    status,
    lost === "" ? message : `${message} (and the audit log cannot take the record: ${lost})`,
  );
}

/** In warn mode, what the caller of a call that passes is told of it; "" when policy allows it. */
export function warningFor(exchange: Exchange, trail: Trail): string {
  const isWarned = exchange.profile.mode === "warn" && trail.decision().verdict === "deny";
  return isWarned ? sentence(trail, "would be denied") : "";
}

/** What the caller reads in the terminal: what, why, which rule in which file, and what to do. */
function sentence(trail: Trail, verb: string = "denied"): string {
  const { action, rules } = trail.opening();
  const decision = trail.decision();
  const rule = rules[0];
  const place = rule === undefined || rule.file === "" ? "" : `, ${rule.file}:${rule.line}`;
  const named = rule === undefined ? "" : ` (rule ${rule.id}${place})`;
  const what = action === "unknown" ? "this request" : action;
  return `plimsoll: ${what} ${verb}: ${decision.reason}${named}. ${capitalized(decision.remedy)}.`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What the gate could not understand may pass in observe mode; what cannot be done at all may not. */
function mayPassUntouched(refusal: Refusal): boolean {
  return refusal.status < 500 && refusal.code !== "NOT_FOUND";
}

const statusOf: Partial<Readonly<Record<ErrorCode, number>>> = {
  MALFORMED_INPUT: 400,
  LIMIT_EXCEEDED: 413,
  AMBIGUOUS_INPUT: 400,
  UNKNOWN_ROUTE: 403,
  UNKNOWN_FIELD: 400,
  ACCESS_DENIED: 403,
  NOT_AUTHENTICATED: 401,
  NOT_FOUND: 404,
  ENGINE_UNREACHABLE: 502,
  ENGINE_REFUSED: 502,
  ENGINE_ANSWER_INVALID: 502,
  AUDIT_UNAVAILABLE: 503,
};

function toRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  if (thrown instanceof PlimsollError) {
    return new Refusal({
      code: thrown.code,
      status: statusOf[thrown.code] ?? 500,
      rule: `request/${thrown.code.toLowerCase().replaceAll("_", "-")}`,
      reason: thrown.message,
      hint: thrown.hint,
      cause: thrown,
    });
  }
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 500,
    rule: "request/internal-error",
    reason: `an error inside plimsoll: ${errorText(thrown)}`,
    hint: "report it with the request id from the audit log",
    cause: thrown,
  });
}
