// Rules -> an engine: invariants and Cedar's answer made into one decision with reasons.

import type { Decision, Question, RuleRef } from "../model/decision.ts";
import type { Grant } from "../model/grant.ts";
import type { Principal } from "../model/principal.ts";
import type { CedarAnswer } from "./cedar.ts";
import { findFlaw } from "./check-question.ts";
import { withDerivedFacts } from "./derived-facts.ts";
import { explainQuestion } from "./explain.ts";
import { createGrantBook } from "./grant-book.ts";
import { objections } from "./invariants.ts";
import { type CedarQuestion, judge } from "./judge.ts";
import { createMemory } from "./memory.ts";
import type { PolicyEngine } from "./policy-engine.ts";
import { type Rule, refOf } from "./rule.ts";
import type { PolicySchema } from "./schema.ts";
import { cutSlices } from "./slice.ts";

/** Answers remembered per engine; with the bound on keys at most 16 MiB. */
const maxAnswers = 2048;

export type EngineOptions = {
  readonly generation: number;
  /** Unique among the engines of this process that are in use: Cedar keeps their sets by name. */
  readonly prefix: string;
};

/** What one part of the engine says against a call. */
type Finding = { readonly rule: RuleRef; readonly reason: string; readonly remedy: string };

export function createPolicyEngine(rules: readonly Rule[], schema: PolicySchema, options: EngineOptions): PolicyEngine {
  const slices = cutSlices(rules, schema, options.prefix);
  const memory = createMemory<CedarAnswer>(maxAnswers);
  const grants = createGrantBook(slices.byGrant);
  const ruleById = new Map(rules.map((rule) => [rule.id, rule]));

  const decide = (asked: Question): Decision => {
    const question = withDerivedFacts(asked, schema, (path, isWritable) => mayBind(asked.principal, path, isWritable));
    const flaw = findFlaw(question, schema);
    if (flaw !== undefined) return denied([unable(flaw)]);
    const slice = slices.byAction.get(question.action);
    if (slice === undefined) return denied([unable(`no policies are loaded for ${question.action}`)]);
    const held = grants.of(question.principal);
    const answer = judge(slice, cedarQuestion(question, held, schema), memory);
    const against = [...objections(question, held), ...policyFindings(answer, ruleById)];
    if (against.length > 0) return denied(against);
    if (answer.decision !== "allow") return denied([defaultDeny(question)]);
    return { verdict: "allow", rules: refsOf(answer, ruleById), reason: "permitted", remedy: "" };
  };

  return {
    generation: options.generation,
    rules,
    decide,
    explain: (question) => explainQuestion({ question, schema, rules, grants: grants.of(question.principal), decide }),
    grantsOf: grants.of,
    close: slices.release,
  };

  function mayBind(principal: Principal, path: string, isWritable: boolean): boolean {
    const resource = { type: "Path", id: path, name: path, owner: "", isShared: false, isWritable };
    const asked = { principal, grants: grants.of(principal), action: "bind", actionGroups: new Set(""), resource };
    const answer = judge(slices.bind, { ...asked, context: {} }, memory);
    return answer.decision === "allow" && answer.errors.length === 0;
  }
}

export function cedarQuestion(question: Question, grants: ReadonlySet<Grant>, schema: PolicySchema): CedarQuestion {
  return { ...question, grants, actionGroups: schema.actions.get(question.action)?.groups ?? new Set() };
}

/** Forbids that matched, and policies that could not be evaluated: Cedar would skip those. */
function policyFindings(answer: CedarAnswer, rules: ReadonlyMap<string, Rule>): readonly Finding[] {
  const failed = answer.errors.map(({ id, message }) => {
    const rule = rules.get(id);
    const named = rule === undefined ? "the question" : `the policy ${rule.id}`;
    const finding = unable(`${named} could not be evaluated: ${message}`);
    return rule === undefined ? finding : { ...finding, rule: refOf(rule) };
  });
  if (answer.decision === "allow") return failed;
  const forbidding = answer.determining.map((id) => rules.get(id)).filter((rule) => rule?.effect === "forbid");
  return [...failed, ...forbidding.flatMap((rule) => (rule === undefined ? [] : [forbidFinding(rule)]))];
}

function forbidFinding(rule: Rule): Finding {
  return { rule: refOf(rule), reason: rule.reason, remedy: rule.remedy };
}

function refsOf(answer: CedarAnswer, rules: ReadonlyMap<string, Rule>): readonly RuleRef[] {
  return answer.determining.flatMap((id) => {
    const rule = rules.get(id);
    return rule === undefined ? [] : [refOf(rule)];
  });
}

function denied(against: readonly Finding[]): Decision {
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

function defaultDeny(question: Question): Finding {
  return {
    rule: { id: "default-deny", kind: "default", file: "", line: 0 },
    reason: `no rule permits ${question.action} for ${question.principal.id}`,
    remedy: "ask the operator for a permit",
  };
}

function unable(why: string): Finding {
  return {
    rule: { id: "policy-error", kind: "default", file: "", line: 0 },
    reason: `no decision could be made: ${why}`,
    remedy: "tell the operator: this is a mistake in Plimsoll or in its policies",
  };
}
