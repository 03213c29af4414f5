// Which grants a caller holds: asked of Cedar once for each identity, then remembered.

import type { Grant } from "../model/grant.ts";
import type { Principal } from "../model/principal.ts";
import { toCedarQuestion } from "./cedar-question.ts";
import { isGrant } from "./grants.ts";
import { judgeRules } from "./judge-rules.ts";
import { createMemory } from "./memory.ts";
import type { RuleJudge } from "./rule-judge.ts";

const maxCallers = 1024;

export type GrantBook = {
  of(principal: Principal): ReadonlySet<Grant>;
  /** Each grant with the ids of the policies that give it. */
  reasons(principal: Principal): ReadonlyMap<Grant, readonly string[]>;
};

type Held = { readonly grants: ReadonlySet<Grant>; readonly reasons: ReadonlyMap<Grant, readonly string[]> };

export function createGrantBook(judges: ReadonlyMap<string, readonly RuleJudge[]>): GrantBook {
  const known = createMemory<Held>(maxCallers);
  const seen = new WeakMap<Principal, Held>();
  const held = (principal: Principal): Held => {
    const before = seen.get(principal);
    if (before !== undefined) return before;
    const found = heldBy(principal);
    seen.set(principal, found);
    return found;
  };
  const heldBy = (principal: Principal): Held => {
    const key = identityKey(principal);
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const reasons = askAll(principal, judges);
    const found = { grants: new Set(reasons.keys()), reasons };
    known.set(key, found);
    return found;
  };
  return { of: (principal) => held(principal).grants, reasons: (principal) => held(principal).reasons };
}

/** Everything of a caller that a policy can see. */
export function identityKey({ id, kind, name, groups, owner, provider, process }: Principal): string {
  return JSON.stringify([id, kind, name, groups, owner, provider, process?.uid, process?.container]);
}

function askAll(
  principal: Principal,
  judges: ReadonlyMap<string, readonly RuleJudge[]>,
): ReadonlyMap<Grant, readonly string[]> {
  const reasons = new Map<Grant, readonly string[]>();
  for (const [name, own] of judges) {
    if (!isGrant(name)) continue;
    const given = permitsOf(name, principal, own);
    if (given.length > 0) reasons.set(name, given);
  }
  return reasons;
}

/** Empty when the grant is not held. A policy that fails counts against it; policies that speak of grants see none here. */
function permitsOf(name: Grant, principal: Principal, judges: readonly RuleJudge[]): readonly string[] {
  const resource = { type: "Grant", id: name, name, owner: "", isShared: false };
  const none: ReadonlySet<string> = new Set();
  const question = { principal, grants: none, action: "grant", actionGroups: none, resource, context: {} };
  const { isAllowed, determining } = judgeRules(judges, toCedarQuestion(question));
  return isAllowed ? determining.map((rule) => rule.id) : [];
}
