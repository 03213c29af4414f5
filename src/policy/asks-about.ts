// Do these policies have a rule of their own for an action? What nobody asks about need not be found out.

import type { Action } from "../model/action.ts";
import { scopeActions } from "./grant-scope.ts";
import type { PolicyEngine } from "./policy-engine.ts";

/** Groups do not count: `permit (principal, action in [Action::"change"], resource)` looks at no facts of images. */
export function asksAbout(policies: PolicyEngine, action: Action): boolean {
  return policies.rules.some((rule) => scopeActions(rule.json)?.includes(action) === true);
}
