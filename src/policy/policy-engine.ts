// Policies ready to answer: what a listener holds. Made by load-policies.ts, replaced as a whole by policy-store.ts.

import type { Decision, Question } from "../model/decision.ts";
import type { Grant } from "../model/grant.ts";
import type { Principal } from "../model/principal.ts";
import type { Explanation } from "./explain.ts";
import type { Rule } from "./rule.ts";

export interface PolicyEngine {
  /** Counts up with every reload; 1 at first. */
  readonly generation: number;
  readonly rules: readonly Rule[];
  /** Never throws: what cannot be decided is denied. */
  decide(question: Question): Decision;
  /** Like decide, with every policy that was looked at and why it did or did not match. Slow: for people. */
  explain(question: Question): Explanation;
  grantsOf(principal: Principal): ReadonlySet<Grant>;
  /** Each grant that the caller holds, with the ids of the policies that give it. */
  grantReasons(principal: Principal): ReadonlyMap<Grant, readonly string[]>;
  /** Frees memory when a newer generation has taken over; who still holds this one gets answers, slowly. */
  close(): void;
}
