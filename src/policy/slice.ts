// The policies that one action can meet, kept parsed in Cedar's memory together with what of a question they can see.

import { type KeptSet, keepPolicySet } from "./cedar.ts";
import { grantOf, permitsBind, scopeActions } from "./grant-scope.ts";
import { type Projection, projectionOf } from "./projection.ts";
import type { Rule } from "./rule.ts";
import type { ActionShape, PolicySchema } from "./schema.ts";

export type Slice = {
  /** Tells slices of one engine apart. */
  readonly name: string;
  readonly set: KeptSet;
  readonly rules: readonly Rule[];
  readonly projection: Projection;
};

export type Slices = {
  readonly byAction: ReadonlyMap<string, Slice>;
  /** One slice for each grant that a permit gives: its permits, and every forbid on the action `grant`. */
  readonly byGrant: ReadonlyMap<string, Slice>;
  /** Permits that name the action `bind`, and every forbid on it. */
  readonly bind: Slice;
  /** Frees Cedar's memory; slices answer slowly afterwards. */
  release(): void;
};

/** @param prefix unique in this process: Cedar keeps sets by name */
export function cutSlices(rules: readonly Rule[], schema: PolicySchema, prefix: string): Slices {
  const kept = new Map<string, Slice>();
  const keep = (chosen: readonly Rule[]): Slice => {
    const key = JSON.stringify(chosen.map((rule) => rule.id));
    const slice = kept.get(key) ?? keepSlice(chosen, `${prefix}/${kept.size}`);
    kept.set(key, slice);
    return slice;
  };
  const calls = [...schema.actions].filter(([action]) => action !== "grant" && action !== "bind");
  const byAction = new Map(
    calls.map(([action, shape]) => [action, keep(rules.filter((rule) => mayApply(rule, action, shape)))]),
  );
  const byGrant = cutGrants(rules, schema, keep);
  const bind = keep([...rules.filter((rule) => permitsBind(rule.json)), ...forbidsOn("bind", rules, schema)]);
  return { byAction, byGrant, bind, release: () => release(kept) };
}

function cutGrants(
  rules: readonly Rule[],
  schema: PolicySchema,
  keep: (chosen: readonly Rule[]) => Slice,
): ReadonlyMap<string, Slice> {
  const forbids = forbidsOn("grant", rules, schema);
  const names = new Set(rules.map((rule) => grantOf(rule.json)).filter((name) => name !== undefined));
  return new Map(
    [...names].map((name) => [name, keep([...rules.filter((rule) => grantOf(rule.json) === name), ...forbids])]),
  );
}

function forbidsOn(action: string, rules: readonly Rule[], schema: PolicySchema): readonly Rule[] {
  const shape = schema.actions.get(action);
  return rules.filter((rule) => rule.effect === "forbid" && (shape === undefined || mayApply(rule, action, shape)));
}

/** False only when the policy's scope cannot match the action, whatever the rest of the question is. */
function mayApply(rule: Rule, action: string, shape: ActionShape): boolean {
  const named = scopeActions(rule.json);
  if (named === undefined) return true;
  return named.some((name) => name === action || shape.groups.has(name));
}

function keepSlice(rules: readonly Rule[], name: string): Slice {
  const set = keepPolicySet(name, Object.fromEntries(rules.map((rule) => [rule.id, rule.text])));
  return { name, set, rules, projection: projectionOf(rules.map((rule) => rule.json)) };
}

function release(kept: ReadonlyMap<string, Slice>): void {
  for (const slice of kept.values()) slice.set.drop();
}
