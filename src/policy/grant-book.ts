// Which grants a caller holds: asked of Cedar once for each identity, then remembered.

import type { Grant } from "../model/grant.ts";
import type { Principal } from "../model/principal.ts";
import { isGrant } from "./grants.ts";
import { judge } from "./judge.ts";
import { createMemory } from "./memory.ts";
import type { Slice } from "./slice.ts";

const maxCallers = 1024;

export type GrantBook = { of(principal: Principal): ReadonlySet<Grant> };

export function createGrantBook(slices: ReadonlyMap<string, Slice>): GrantBook {
  const known = createMemory<ReadonlySet<Grant>>(maxCallers);
  return {
    of(principal) {
      const key = identityKey(principal);
      const remembered = known.get(key);
      if (remembered !== undefined) return remembered;
      const held = new Set([...slices.keys()].filter(isGrant).filter((name) => isHeld(name, principal, slices)));
      known.set(key, held);
      return held;
    },
  };
}

/** Everything of a caller that a policy can see. */
function identityKey({ id, kind, name, groups, owner, provider, process }: Principal): string {
  return JSON.stringify([id, kind, name, groups, owner, provider, process?.uid, process?.container]);
}

/** A policy that fails counts against the grant. Policies that speak of grants see none here. */
function isHeld(name: Grant, principal: Principal, slices: ReadonlyMap<string, Slice>): boolean {
  const slice = slices.get(name);
  if (slice === undefined) return false;
  const resource = { type: "Grant", id: name, name, owner: "", isShared: false };
  const question = {
    principal,
    grants: new Set(""),
    action: "grant",
    actionGroups: new Set(""),
    resource,
    context: {},
  };
  const answer = judge(slice, question, createMemory(1));
  return answer.decision === "allow" && answer.errors.length === 0;
}
