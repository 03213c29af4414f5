// Policy tests against an engine: what failed, and which rules no test decided.

import type { PolicyEngine } from "../policy-engine.ts";
import type { Rule } from "../rule.ts";
import type { PolicyTest } from "./policy-test.ts";

export type PolicyTestFailure = { readonly test: PolicyTest; readonly expected: string; readonly found: string };

export type PolicyTestReport = {
  readonly passed: number;
  readonly failures: readonly PolicyTestFailure[];
  /** Rules that no passing test had decide. */
  readonly untested: readonly Rule[];
};

type Result = { readonly expected: string; readonly found: string; readonly rules: readonly string[] };

export function runPolicyTests(tests: readonly PolicyTest[], engine: PolicyEngine): PolicyTestReport {
  const results = tests.map((test) => ({ test, ...run(test, engine) }));
  const passed = results.filter((result) => result.expected === result.found);
  const decided = new Set(passed.flatMap((result) => result.rules));
  return {
    passed: passed.length,
    failures: results.filter((result) => result.expected !== result.found),
    untested: engine.rules.filter((rule) => !decided.has(rule.id)),
  };
}

function run({ expected }: PolicyTest, engine: PolicyEngine): Result {
  if (expected.kind === "grants") {
    const reasons = engine.grantReasons(expected.principal);
    return {
      expected: sentence("grants", expected.grants),
      found: sentence("grants", [...reasons.keys()].toSorted()),
      rules: [...reasons.values()].flat(),
    };
  }
  const decision = engine.decide(expected.question);
  const rules = decision.rules.map((rule) => rule.id).toSorted();
  return { expected: sentence(expected.verdict, expected.rules), found: sentence(decision.verdict, rules), rules };
}

function sentence(what: string, names: readonly string[]): string {
  return `${what} ${names.join(", ")}`.trimEnd();
}
