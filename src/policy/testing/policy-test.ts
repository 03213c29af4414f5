// A test of policies, as written beside them: a request that differs from an ordinary one, and what is to come of it.

import type { Question } from "../../model/decision.ts";
import type { Principal } from "../../model/principal.ts";

export type PolicyTest = {
  readonly name: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly expected:
    | {
        readonly kind: "decision";
        readonly question: Question;
        readonly verdict: "allow" | "deny";
        /** All rules of the decision, sorted. */
        readonly rules: readonly string[];
      }
    | {
        readonly kind: "grants";
        readonly principal: Principal;
        /** All grants that the caller holds, sorted. */
        readonly grants: readonly string[];
      };
};

export type PolicyTestFile = {
  readonly file: string;
  /** Names or paths of the sets that are tested together; empty: the .cedar file of the same name. */
  readonly sets: readonly string[];
  readonly tests: readonly PolicyTest[];
};
