// Which host paths a caller may bind: each is a question of its own, because Cedar cannot look at every member of a set.

import type { Grant } from "../model/grant.ts";
import type { Principal } from "../model/principal.ts";
import { toCedarQuestion } from "./cedar-question.ts";
import type { MayBind } from "./derived-facts.ts";
import { judgeRules } from "./judge-rules.ts";
import type { Rule } from "./rule.ts";
import type { RuleJudge } from "./rule-judge.ts";

/** Paths asked for one call; a call with more has none permitted. */
const maxPaths = 64;

export type BindPermits = {
  readonly mayBind: MayBind;
  /** The policies that permitted what was asked until now. */
  permits(): readonly Rule[];
};

export function askForBinds(
  judges: readonly RuleJudge[],
  principal: Principal,
  grants: ReadonlySet<Grant>,
): BindPermits {
  const used = new Set<Rule>();
  const hasPermits = judges.some(({ rule }) => rule.effect === "permit");
  let asked = 0;
  return {
    mayBind(path, isWritable) {
      asked += 1;
      if (!hasPermits || asked > maxPaths) return false;
      const resource = { type: "Path", id: path, name: path, owner: "", isShared: false, isWritable };
      const question = { principal, grants, action: "bind", actionGroups: new Set<string>(), resource, context: {} };
      const { isAllowed, determining } = judgeRules(judges, toCedarQuestion(question));
      if (isAllowed) for (const rule of determining) used.add(rule);
      return isAllowed;
    },
    permits: () => [...used],
  };
}
