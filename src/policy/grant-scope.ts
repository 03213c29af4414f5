// Which policies give a grant or permit a bind: only permits that name the action exactly (a grant also itself), so that no
// wildcard ever opens an escalation.

import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";

/** The grant that a permit names with `==`; undefined when it grants nothing. */
export function grantOf(policy: PolicyJson): string | undefined {
  if (policy.effect !== "permit" || policy.action.op !== "==" || policy.resource.op !== "==") return undefined;
  const action = uidOf(policy.action);
  const resource = uidOf(policy.resource);
  if (action?.type !== "Action" || action.id !== "grant" || resource?.type !== "Grant") return undefined;
  return resource.id;
}

/** A permit of the action `bind` and of nothing else. */
export function permitsBind(policy: PolicyJson): boolean {
  return policy.effect === "permit" && policy.action.op === "==" && uidOf(policy.action)?.id === "bind";
}

/** The scope speaks of the action `grant`, alone or in a list. */
export function namesGrantAction(policy: PolicyJson): boolean {
  return scopeActions(policy)?.includes("grant") ?? false;
}

/** Names of actions and action groups in the scope; undefined when it is open to all. */
export function scopeActions(policy: PolicyJson): readonly string[] | undefined {
  const scope = policy.action;
  if (scope.op === "All") return undefined;
  if ("slot" in scope) return [];
  const entities = "entities" in scope ? scope.entities : [scope.entity];
  return entities.map((entity) => ("__entity" in entity ? entity.__entity.id : entity.id));
}

function uidOf(scope: object): { readonly type: string; readonly id: string } | undefined {
  if (!("entity" in scope) || typeof scope.entity !== "object" || scope.entity === null) return undefined;
  const entity = "__entity" in scope.entity ? scope.entity.__entity : scope.entity;
  if (typeof entity !== "object" || entity === null || !("type" in entity) || !("id" in entity)) return undefined;
  return typeof entity.type === "string" && typeof entity.id === "string"
    ? { type: entity.type, id: entity.id }
    : undefined;
}
