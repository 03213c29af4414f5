// Several rules and one question -> what Cedar would say of them together: a forbid that matches wins, a rule that fails
// is told, and without a permit nothing is allowed.

import type { CedarQuestion } from "./cedar-question.ts";
import type { Rule } from "./rule.ts";
import type { RuleJudge } from "./rule-judge.ts";

export type Judgement = {
  readonly isAllowed: boolean;
  /** What decided: all matching forbids, else all matching permits; in the order of the files. */
  readonly determining: readonly Rule[];
  /** Rules that could not be evaluated, and Cedar's words: whoever asks has to deny. */
  readonly failed: readonly { readonly rule: Rule; readonly error: string }[];
};

export function judgeRules(judges: readonly RuleJudge[], question: CedarQuestion): Judgement {
  const forbids: Rule[] = [];
  const permits: Rule[] = [];
  const failed: { readonly rule: Rule; readonly error: string }[] = [];
  for (const { rule, judge } of judges) {
    const { isMatch, error } = judge(question);
    if (error !== "") failed.push({ rule, error });
    if (isMatch) (rule.effect === "forbid" ? forbids : permits).push(rule);
  }
  const isAllowed = permits.length > 0 && forbids.length === 0 && failed.length === 0;
  return { isAllowed, determining: forbids.length > 0 ? forbids : permits, failed };
}
