// Whose things a caller may touch: own and shared ones; others only by grant. The gate and the invariants both ask here.

import type { ResourceType } from "../model/action.ts";
import type { Resource } from "../model/decision.ts";
import type { Grant } from "../model/grant.ts";
import type { Principal } from "../model/principal.ts";

/** What the question needs to know of a thing. */
export type Owned = Pick<Resource, "owner" | "isShared">;

export function mayTouch(principal: Principal, grants: ReadonlySet<Grant>, thing: Owned): boolean {
  if (thing.isShared || grants.has("owner.any")) return true;
  if (thing.owner === "") return grants.has("owner.unowned");
  return thing.owner === principal.owner;
}

/** Types that carry an owner; the engine itself, its plugins and its nodes have grants of their own. */
export function isOwnable(type: ResourceType): boolean {
  return type !== "Engine" && type !== "Plugin" && type !== "Node";
}
