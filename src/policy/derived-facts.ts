// Facts that only policies can tell, or that Cedar cannot work out because it has no loops: added before the decision.

import type { Question } from "../model/decision.ts";
import type { FactValue } from "../model/facts.ts";
import { factSet } from "./invariant.ts";
import type { PolicySchema } from "./schema.ts";

/** May the caller bind this path? Asked for each. */
export type MayBind = (path: string, isWritable: boolean) => boolean;

type Derive = (question: Question, mayBind: MayBind) => FactValue;

/** By the name that the schema gives to the fact. */
export const derivedFacts: Readonly<Record<string, Derive>> = {
  hostBindsUnpermitted: unpermittedBinds,
  sysctlNames: (question) => [...new Set(factSet(question, "sysctls").map((pair) => pair.split("=", 1)[0] ?? ""))],
  unlimitedUlimits,
};

export function withDerivedFacts(question: Question, schema: PolicySchema, mayBind: MayBind): Question {
  const facts = schema.actions.get(question.action)?.facts;
  const wanted = Object.entries(derivedFacts).filter(([name]) => facts?.has(name));
  if (wanted.length === 0) return question;
  const derived = Object.fromEntries(wanted.map(([name, derive]) => [name, derive(question, mayBind)]));
  return { ...question, context: { ...question.context, ...derived } };
}

/** Where a call does not say which binds are read-only, all count as writable. */
function unpermittedBinds(question: Question, mayBind: MayBind): readonly string[] {
  const saysWritable = Object.hasOwn(question.context, "hostBindsWritable");
  const writable = new Set(factSet(question, "hostBindsWritable"));
  return factSet(question, "hostBinds").filter((path) => !mayBind(path, !saysWritable || writable.has(path)));
}

/** Names of ulimits whose soft or hard value is -1: `memlock=-1:-1`. */
function unlimitedUlimits(question: Question): readonly string[] {
  const unlimited = factSet(question, "ulimits").filter((limit) => /=(-1(:|$)|-?\d+:-1$)/.test(limit));
  return [...new Set(unlimited.map((limit) => limit.slice(0, limit.indexOf("=")).toLowerCase()))];
}
