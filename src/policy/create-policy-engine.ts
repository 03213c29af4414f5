// Rules -> an engine: invariants and Cedar's answers made into one decision with reasons.

import { errorText } from "../base/errors.ts";
import type { Decision, Question } from "../model/decision.ts";
import type { Grant } from "../model/grant.ts";
import { askForBinds } from "./bind-permits.ts";
import { type CedarQuestion, toCedarQuestion } from "./cedar-question.ts";
import { findExcess, findFlaw } from "./check-question.ts";
import { withDerivedFacts } from "./derived-facts.ts";
import { explainQuestion } from "./explain.ts";
import { defaultDeny, denied, policyFindings, tooLarge, unable } from "./findings.ts";
import { createGrantBook, identityKey } from "./grant-book.ts";
import { objections } from "./invariants.ts";
import { judgeRules } from "./judge-rules.ts";
import { createMemory } from "./memory.ts";
import type { PolicyEngine } from "./policy-engine.ts";
import { type Rule, refOf } from "./rule.ts";
import { indexRules } from "./rule-index.ts";
import type { PolicySchema } from "./schema.ts";

export type EngineOptions = {
  readonly generation: number;
  /** Unique among the engines of this process that are in use: Cedar keeps their sets by name. */
  readonly prefix: string;
};

/** Decisions remembered; with the bound on keys at most 2 MiB. */
const maxDecisions = 256;

export function createPolicyEngine(rules: readonly Rule[], schema: PolicySchema, options: EngineOptions): PolicyEngine {
  const index = indexRules(rules, schema, options.prefix);
  const grants = createGrantBook(index.byGrant);

  const complete = (asked: Question): { readonly question: Question; readonly bindPermits: readonly Rule[] } => {
    const binds = askForBinds(index.bind, asked.principal, grants.of(asked.principal));
    const question = withDerivedFacts(asked, schema, binds.mayBind);
    return { question, bindPermits: binds.permits() };
  };
  const judgeCall = (asked: Question): Decision => {
    const excess = findExcess(asked);
    if (excess !== undefined) return denied([tooLarge(excess)]);
    const { question, bindPermits } = complete(asked);
    const flaw = findFlaw(question, schema);
    if (flaw !== undefined) return denied([unable(flaw)]);
    const judges = index.byAction.get(question.action) ?? [];
    const held = grants.of(question.principal);
    const judgement = judgeRules(judges, cedarQuestion(question, held, schema));
    const against = [...objections(question, held), ...policyFindings(judgement)];
    if (against.length > 0) return denied(against);
    if (!judgement.isAllowed) return denied([defaultDeny(question)]);
    const permits = [...judgement.determining, ...bindPermits].map(refOf);
    return { verdict: "allow", rules: permits, reason: "permitted", remedy: "" };
  };
  const decided = createMemory<Decision>(maxDecisions);
  const decide = (question: Question): Decision => {
    try {
      const key = keyOf(question);
      const decision = decided.get(key) ?? judgeCall(question);
      decided.set(key, decision);
      return decision;
    } catch (thrown) {
      return denied([unable(errorText(thrown))]);
    }
  };

  return {
    generation: options.generation,
    rules,
    decide,
    explain: (asked) =>
      explainQuestion({
        asked: cedarQuestion(complete(asked).question, grants.of(asked.principal), schema),
        question: asked,
        decision: decide(asked),
        grantReasons: grants.reasons(asked.principal),
        rules: (index.byAction.get(asked.action) ?? []).map(({ rule }) => rule),
      }),
    grantsOf: grants.of,
    grantReasons: grants.reasons,
    close: index.release,
  };
}

/** Everything that a policy or an invariant can see: the same question gets the same answer from the same rules. */
function keyOf({ principal, action, resource, context }: Question): string {
  return `${identityKey(principal)}${JSON.stringify([action, resource, context])}`;
}

function cedarQuestion(question: Question, grants: ReadonlySet<Grant>, schema: PolicySchema): CedarQuestion {
  const actionGroups = schema.actions.get(question.action)?.groups ?? new Set<string>();
  return toCedarQuestion({ ...question, grants, actionGroups });
}
