// The last step before the engine is asked: what had to be there is there, volumes that the engine would make for a bind
// have their owner, and a prune or a build's cache goes no further than the caller's own things.

import { fieldsAt, textAt, textMapAt, textsAt } from "../../base/reading.ts";
import type { Action } from "../../model/action.ts";
import type { Principal } from "../../model/principal.ts";
import type { Caller } from "../answers/plan-response.ts";
import type { PinnedCall, Reference } from "../call.ts";
import type { Lookup } from "../references/lookup.ts";
import { findMissing } from "../references/missing.ts";
import { Refusal } from "../refusal.ts";
import { ownerLabel, requestLabel } from "./labels.ts";
import { narrowBuildCache } from "./narrow-build-cache.ts";

/**
 * In observe and warn mode only volumes get their owner: nothing is refused, nothing narrowed.
 * @throws Refusal NOT_FOUND for names that mean nothing, ACCESS_DENIED when a volume's name was taken meanwhile
 */
export async function prepareCall(pinned: PinnedCall, caller: Caller): Promise<PinnedCall> {
  const { principal, grants, profile, lookup, engineKind } = caller;
  const isEnforced = profile.mode === "enforce";
  const missing = isEnforced ? findMissing(pinned) : undefined;
  if (missing !== undefined) throw missing;
  if (pinned.call.route.action === "container.create") await makeVolumes(pinned, principal, lookup, isEnforced);
  if (!isEnforced || grants.has("owner.any")) return pinned;
  const narrowed = narrowPrune(pinned, principal.owner);
  if (pinned.call.route.action !== "image.build") return narrowed;
  return narrowBuildCache(narrowed, { owner: principal.owner, lookup, engineKind });
}

/** The engine gives no labels to a volume that it makes for a bind, so the gate makes it first. */
async function makeVolumes(pinned: PinnedCall, principal: Principal, lookup: Lookup, isEnforced: boolean) {
  const { call, references } = pinned;
  if (call.body.kind !== "json" || !references.some(isNewVolume)) return;
  const bound = new Set(textsAt(call.body.value, "HostConfig", "Binds").map((bind) => bind.split(":", 1)[0] ?? ""));
  const names = references.filter((reference) => isNewVolume(reference) && bound.has(reference.name));
  const stamped = textMapAt(call.body.value, "Labels");
  const labels = { [ownerLabel]: principal.owner, [requestLabel]: stamped[requestLabel] ?? "" };
  const driver = textAt(call.body.value, "HostConfig", "VolumeDriver") || "local";
  for (const { name } of names) {
    const made = await lookup.createVolume({ name, driver, labels });
    if (isEnforced && made.owner !== principal.owner) throw refuseTaken(name);
  }
}

function isNewVolume({ role, exists }: Reference): boolean {
  return role === "volume" && !exists;
}

function refuseTaken(volume: string): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "request/volume-taken",
    reason: `volume ${JSON.stringify(volume)} was made by another caller a moment ago`,
    hint: "choose another name",
  });
}

const pruned: ReadonlySet<Action> = new Set<Action>([
  "container.prune",
  "network.prune",
  "volume.prune",
  "image.prune",
  "image.build.prune",
]);

/** The engine removes only what carries all the labels of the filter. */
function narrowPrune(pinned: PinnedCall, owner: string): PinnedCall {
  const { call } = pinned;
  if (!pruned.has(call.route.action)) return pinned;
  // What a build leaves in the cache is nobody's, so nobody's prune takes it: no entry has this id.
  if (call.route.action === "image.build.prune") return withFilters(pinned, { id: { "none-of-yours": true } });
  const asked: unknown = JSON.parse(call.query["filters"]?.[0] ?? "{}");
  const label = { ...fieldsAt(asked, "label"), [`${ownerLabel}=${owner}`]: true };
  // Labels of images can be written by anybody; what has a name is never taken.
  const dangling = call.route.action === "image.prune" ? { dangling: { true: true } } : {};
  return withFilters(pinned, { ...fieldsAt(asked), label, ...dangling });
}

function withFilters(pinned: PinnedCall, filters: object): PinnedCall {
  const { call } = pinned;
  return { ...pinned, call: { ...call, query: { ...call.query, filters: [JSON.stringify(filters)] } } };
}
