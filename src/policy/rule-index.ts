// The rules that one question can meet, found before it is asked: by its action, by the grant, or for binds.

import { grantOf, permitsBind, scopeActions } from "./grant-scope.ts";
import type { Rule } from "./rule.ts";
import { createRuleJudge, type RuleJudge } from "./rule-judge.ts";
import type { ActionShape, PolicySchema } from "./schema.ts";

export type RuleIndex = {
  readonly byAction: ReadonlyMap<string, readonly RuleJudge[]>;
  /** For each grant that a permit gives: its permits, and every forbid on the action `grant`. */
  readonly byGrant: ReadonlyMap<string, readonly RuleJudge[]>;
  /** Permits that name the action `bind`, and every forbid on it. */
  readonly bind: readonly RuleJudge[];
  /** Frees Cedar's memory; rules are judged slowly afterwards. */
  release(): void;
};

/** @param prefix unique in this process: Cedar keeps sets by name */
export function indexRules(rules: readonly Rule[], schema: PolicySchema, prefix: string): RuleIndex {
  const judges = rules.map((rule, index) => createRuleJudge(rule, `${prefix}/${index}`));
  const calls = [...schema.actions].filter(([action]) => action !== "grant" && action !== "bind");
  const forbidsOn = (action: string): readonly RuleJudge[] =>
    judges.filter(({ rule }) => rule.effect === "forbid" && mayApply(rule, action, schema.actions.get(action)));
  return {
    byAction: new Map(
      calls.map(([action, shape]) => [action, judges.filter(({ rule }) => mayApply(rule, action, shape))]),
    ),
    byGrant: indexGrants(judges, forbidsOn("grant")),
    bind: [...judges.filter(({ rule }) => permitsBind(rule.json)), ...forbidsOn("bind")],
    release: () => judges.forEach((judge) => void judge.release()),
  };
}

function indexGrants(
  judges: readonly RuleJudge[],
  forbids: readonly RuleJudge[],
): ReadonlyMap<string, readonly RuleJudge[]> {
  const byGrant = new Map<string, readonly RuleJudge[]>();
  for (const judge of judges) {
    const name = grantOf(judge.rule.json);
    if (name !== undefined) byGrant.set(name, [...(byGrant.get(name) ?? forbids), judge]);
  }
  return byGrant;
}

/** False only when the policy's scope cannot match the action, whatever the rest of the question is. */
function mayApply(rule: Rule, action: string, shape: ActionShape | undefined): boolean {
  const named = scopeActions(rule.json);
  if (named === undefined) return true;
  return named.some((name) => name === action || shape === undefined || shape.groups.has(name));
}
