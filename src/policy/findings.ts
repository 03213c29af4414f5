// What speaks against a call, and how several such things become one decision.

import { printable } from "../base/printable.ts";
import type { Decision, Question, RuleRef } from "../model/decision.ts";
import type { Judgement } from "./judge-rules.ts";
import { type Rule, refOf } from "./rule.ts";

/** What one part of the engine says against a call. */
export type Finding = { readonly rule: RuleRef; readonly reason: string; readonly remedy: string };

/** Forbids that matched, and policies that could not be evaluated: Cedar would skip those. */
export function policyFindings({ determining, failed }: Judgement): readonly Finding[] {
  return [
    ...failed.map(({ rule, error }) => ({
      ...unable(`the policy ${rule.id} could not be evaluated: ${error}`),
      rule: refOf(rule),
    })),
    ...determining.filter((rule) => rule.effect === "forbid").map(forbidFinding),
  ];
}

function forbidFinding(rule: Rule): Finding {
  return { rule: refOf(rule), reason: rule.reason, remedy: rule.remedy };
}

export function denied(against: readonly Finding[]): Decision {
  const ordered = against.toSorted((one, other) => one.rule.line - other.rule.line);
  return {
    verdict: "deny",
    rules: ordered.map((finding) => finding.rule),
    reason: joined(ordered.map((finding) => finding.reason)),
    remedy: joined(ordered.map((finding) => finding.remedy)),
  };
}

/** All of a few reasons, so that one change of the call can meet them together. */
function joined(sentences: readonly string[]): string {
  const unique = [...new Set(sentences.filter((sentence) => sentence !== ""))];
  const more = unique.length - 4;
  return more > 0 ? `${unique.slice(0, 4).join("; ")}; and ${more} more` : unique.join("; ");
}

export function defaultDeny(question: Question): Finding {
  return {
    rule: { id: "default-deny", kind: "default", file: "", line: 0 },
    reason: `no rule permits ${question.action} for ${printable(question.principal.id, 200)}`,
    remedy: "ask the operator for a permit",
  };
}

export function tooLarge(fact: string): Finding {
  return {
    rule: { id: "fact-limit", kind: "default", file: "", line: 0 },
    reason: `the call has more under ${fact} than can be judged`,
    remedy: "split it into several calls",
  };
}

export function unable(why: string): Finding {
  return {
    rule: { id: "policy-error", kind: "default", file: "", line: 0 },
    reason: `no decision could be made: ${why}`,
    remedy: "tell the operator: this is a mistake in Plimsoll or in its policies",
  };
}
