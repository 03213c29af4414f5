// The answer to a question of policy, with the rules that made it.

import type { Action, ResourceType } from "./action.ts";
import type { Facts } from "./facts.ts";
import type { Principal } from "./principal.ts";

export type Resource = {
  readonly type: ResourceType;
  /** Full engine id, or name where the engine has no id; "" for a list or a thing that does not exist yet. */
  readonly id: string;
  readonly name: string;
  /** "" when nobody owns it. */
  readonly owner: string;
  /** `shared`: everybody may see and use it (images that were there before, the engine's own networks). */
  readonly isShared: boolean;
};

export type Question = {
  readonly principal: Principal;
  readonly action: Action;
  readonly resource: Resource;
  readonly context: Facts;
};

export type Verdict = "allow" | "deny";

/** The place an operator opens in an editor to see why. */
export type RuleRef = {
  /** `baseline/no-privileged`, `invariant/log-driver`, `default-deny`, `normalize/duplicate-key`. */
  readonly id: string;
  readonly kind: "policy" | "invariant" | "default" | "request";
  /** Policy file; "" for rules that are not in one. */
  readonly file: string;
  /** 1-based; 0 when there is no file. */
  readonly line: number;
};

export type Decision = {
  readonly verdict: Verdict;
  readonly rules: readonly RuleRef[];
  /** One sentence, what and why, lower case: `privileged containers reach host root`. */
  readonly reason: string;
  /** One imperative sentence: `remove --privileged, or ask for the grant container.privileged`. */
  readonly remedy: string;
};

export type Mode = "observe" | "warn" | "enforce";
