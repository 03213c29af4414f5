// Rules -> an engine: invariants and Cedar's answer made into one decision with reasons.

import { errorText } from "../base/errors.ts";
import type { Decision, Question } from "../model/decision.ts";
import type { Grant } from "../model/grant.ts";
import { askForBinds } from "./bind-permits.ts";
import type { CedarAnswer } from "./cedar.ts";
import { findFlaw } from "./check-question.ts";
import { withDerivedFacts } from "./derived-facts.ts";
import { explainQuestion } from "./explain.ts";
import { defaultDeny, denied, policyFindings, refsOf, unable } from "./findings.ts";
import { createGrantBook } from "./grant-book.ts";
import { objections } from "./invariants.ts";
import { type CedarQuestion, judge } from "./judge.ts";
import { createMemory } from "./memory.ts";
import type { PolicyEngine } from "./policy-engine.ts";
import type { Rule } from "./rule.ts";
import type { PolicySchema } from "./schema.ts";
import { cutSlices } from "./slice.ts";

/** Answers remembered per engine; with the bound on keys at most 16 MiB. */
const maxAnswers = 2048;

export type EngineOptions = {
  readonly generation: number;
  /** Unique among the engines of this process that are in use: Cedar keeps their sets by name. */
  readonly prefix: string;
};

export function createPolicyEngine(rules: readonly Rule[], schema: PolicySchema, options: EngineOptions): PolicyEngine {
  const slices = cutSlices(rules, schema, options.prefix);
  const memory = createMemory<CedarAnswer>(maxAnswers);
  const grants = createGrantBook(slices.byGrant);
  const ruleById = new Map(rules.map((rule) => [rule.id, rule]));

  const complete = (asked: Question): { readonly question: Question; readonly bindPermits: readonly string[] } => {
    const held = grants.of(asked.principal);
    const binds = askForBinds(slices.bind, asked.principal, held, memory);
    const question = withDerivedFacts(asked, schema, binds.mayBind);
    return { question, bindPermits: binds.permits() };
  };
  const judgeCall = (asked: Question): Decision => {
    const { question, bindPermits } = complete(asked);
    const flaw = findFlaw(question, schema);
    if (flaw !== undefined) return denied([unable(flaw)]);
    const slice = slices.byAction.get(question.action);
    if (slice === undefined) return denied([unable(`no policies are loaded for ${question.action}`)]);
    const held = grants.of(question.principal);
    const answer = judge(slice, cedarQuestion(question, held, schema), memory);
    const against = [...objections(question, held), ...policyFindings(answer, ruleById)];
    if (against.length > 0) return denied(against);
    if (answer.decision !== "allow") return denied([defaultDeny(question)]);
    const permits = refsOf([...answer.determining, ...bindPermits], ruleById);
    return { verdict: "allow", rules: permits, reason: "permitted", remedy: "" };
  };
  const decide = (question: Question): Decision => {
    try {
      return judgeCall(question);
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
        rules: slices.byAction.get(asked.action)?.rules ?? [],
      }),
    grantsOf: grants.of,
    grantReasons: grants.reasons,
    close: slices.release,
  };
}

function cedarQuestion(question: Question, grants: ReadonlySet<Grant>, schema: PolicySchema): CedarQuestion {
  return { ...question, grants, actionGroups: schema.actions.get(question.action)?.groups ?? new Set() };
}
