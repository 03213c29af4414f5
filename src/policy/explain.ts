// Why a question is decided as it is: every invariant and every policy that was looked at, for people.
// Cedar only names the policies that decided, so each is asked alone, and once more without its conditions.

import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { Decision, Question, RuleRef } from "../model/decision.ts";
import type { Grant } from "../model/grant.ts";
import { askOnce } from "./cedar.ts";
import { type CedarQuestion, requestOf } from "./cedar-question.ts";
import type { Invariant } from "./invariant.ts";
import { invariants, isReleased } from "./invariants.ts";
import { projectionOf } from "./projection.ts";
import { type Rule, refOf } from "./rule.ts";

export type PolicyStatus =
  | "matched"
  /** The head names another principal or resource. */
  | "head did not match"
  /** A `when` is false or an `unless` is true. */
  | "conditions did not hold"
  /** Counts as a deny. */
  | "failed";

export type InvariantStatus = "objects" | "released by a grant" | "nothing to object to" | "does not apply";

export type Explanation = {
  readonly decision: Decision;
  /** What the caller holds, with the policies that give it. */
  readonly grants: readonly { readonly grant: Grant; readonly rules: readonly string[] }[];
  /** Every policy whose head can match the action, in the order of the files. */
  readonly policies: readonly {
    readonly rule: RuleRef;
    readonly effect: "permit" | "forbid";
    readonly status: PolicyStatus;
    /** Cedar's words when it failed. */
    readonly error: string;
  }[];
  readonly invariants: readonly { readonly name: string; readonly status: InvariantStatus }[];
};

export function explainQuestion(known: {
  readonly question: Question;
  /** The same with derived facts, in Cedar's words. */
  readonly asked: CedarQuestion;
  readonly decision: Decision;
  readonly grantReasons: ReadonlyMap<Grant, readonly string[]>;
  readonly rules: readonly Rule[];
}): Explanation {
  const grants = new Set(known.grantReasons.keys());
  return {
    decision: known.decision,
    grants: [...known.grantReasons].map(([grant, rules]) => ({ grant, rules })),
    policies: known.rules.map((rule) => ({ rule: refOf(rule), effect: rule.effect, ...statusOf(rule, known.asked) })),
    invariants: invariants.map((invariant) => ({
      name: invariant.name,
      status: invariantStatus(invariant, known.question, grants),
    })),
  };
}

function invariantStatus(invariant: Invariant, question: Question, grants: ReadonlySet<Grant>): InvariantStatus {
  if (!invariant.applies(question)) return "does not apply";
  if (invariant.check(question) === undefined) return "nothing to object to";
  return isReleased(invariant, grants) ? "released by a grant" : "objects";
}

function statusOf(rule: Rule, asked: CedarQuestion): { readonly status: PolicyStatus; readonly error: string } {
  const whole = matches(rule.json, asked);
  if (whole.error !== "") return { status: "failed", error: whole.error };
  if (whole.isMatch) return { status: "matched", error: "" };
  const head = matches({ ...rule.json, conditions: [] }, asked);
  return { status: head.isMatch ? "conditions did not hold" : "head did not match", error: "" };
}

function matches(policy: PolicyJson, asked: CedarQuestion): { readonly isMatch: boolean; readonly error: string } {
  const answer = askOnce({ policy }, requestOf(asked, projectionOf([policy])));
  return { isMatch: answer.determining.includes("policy"), error: answer.errors[0]?.message ?? "" };
}
