// One rule and one question -> does it match? Answers are remembered by the parts of the question that the rule can see:
// a call that differs from an earlier one in one fact costs Cedar only the rules that look at this fact.

import type { FactValue } from "../model/facts.ts";
import { type CedarRequest, keepPolicySet } from "./cedar.ts";
import { type CedarQuestion, requestOf } from "./cedar-question.ts";
import { createMemory } from "./memory.ts";
import { type Projection, projectionOf, type Reading } from "./projection.ts";
import type { Rule } from "./rule.ts";

export type Match = {
  readonly isMatch: boolean;
  /** Cedar's words when the rule could not be evaluated; "" when it could. */
  readonly error: string;
};

export type RuleJudge = {
  readonly rule: Rule;
  judge(question: CedarQuestion): Match;
  /** Frees Cedar's memory; questions are answered slowly afterwards. */
  release(): void;
};

/** Answers remembered of one rule; with the bound on keys at most 1 MiB. */
const maxAnswers = 128;

/** @param setName unique in this process: Cedar keeps sets by name */
export function createRuleJudge(rule: Rule, setName: string): RuleJudge {
  const set = keepPolicySet(setName, { [rule.id]: rule.text });
  const seen = projectionOf([rule.json]);
  const memory = createMemory<Match>(maxAnswers);
  const ask = (request: CedarRequest): Match => {
    const answer = set.ask(request);
    return { isMatch: answer.determining.length > 0, error: answer.errors[0]?.message ?? "" };
  };
  return {
    rule,
    judge(question) {
      const key = keyOf(question, seen);
      const remembered = memory.get(key);
      if (remembered !== undefined) return remembered;
      const match = ask(requestOf(question, seen));
      memory.set(key, match);
      return match;
    },
    release: set.drop,
  };
}

/** Two questions with one key are one question to a rule with this projection. */
function keyOf(question: CedarQuestion, seen: Projection): string {
  const { principal, resource } = question;
  return JSON.stringify([
    question.action,
    resource.type,
    seen.principal.identity ? [principal.id, principal.groups] : 0,
    seen.resource.identity ? resource.id : 0,
    valuesOf(seen.principal, question.principalAttributes),
    valuesOf(seen.resource, question.resourceAttributes),
    valuesOf(seen.context, question.context),
  ]);
}

function valuesOf(seen: Reading, values: Readonly<Record<string, FactValue>>): unknown {
  if (seen.attributes === "all") return values;
  if (seen.attributes.size === 0) return 0;
  return [...seen.attributes].map((name) => (Object.hasOwn(values, name) ? values[name] : null));
}
