// A request that the gate refuses on its own, before or beside policy: status, rule and remedy in one error.

import { type ErrorCode, PlimsollError } from "../base/errors.ts";
import type { Decision } from "../model/decision.ts";

export class Refusal extends PlimsollError {
  /** HTTP status for the caller. */
  readonly status: number;
  /** `request/duplicate-key`: what the audit record names. */
  readonly rule: string;

  constructor(refused: {
    readonly code: ErrorCode;
    readonly status: number;
    readonly rule: string;
    /** One sentence, lower case: where, expected, found. */
    readonly reason: string;
    readonly hint: string;
    readonly cause?: unknown;
  }) {
    super(refused.code, refused.reason, { hint: refused.hint, cause: refused.cause });
    this.name = "Refusal";
    this.status = refused.status;
    this.rule = refused.rule;
  }
}

/** Policy denied after the first decision: when the content of an upload was known. */
export class Denial extends Refusal {
  readonly decision: Decision;

  constructor(decision: Decision) {
    const rule = decision.rules[0]?.id ?? "default-deny";
    super({ code: "ACCESS_DENIED", status: 403, rule, reason: decision.reason, hint: decision.remedy });
    this.name = "Denial";
    this.decision = decision;
  }
}
