// One policy of a set, parsed and checked, with what a deny tells the caller.

import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { RuleRef } from "../model/decision.ts";

export type Rule = {
  /** `baseline/no-privileged` */
  readonly id: string;
  readonly effect: "permit" | "forbid";
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** Annotations; "" where a permit has none. */
  readonly reason: string;
  readonly remedy: string;
  readonly text: string;
  readonly json: PolicyJson;
};

/** What is wrong with a policy file, and where. */
export type Mistake = {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  /** Warnings do not keep a set from loading. */
  readonly severity: "error" | "warning";
};

export function refOf(rule: Rule): RuleRef {
  return { id: rule.id, kind: "policy", file: rule.file, line: rule.line };
}
