// How the engine's answer reaches the caller: most of them as they are, lists without what belongs to others.

import type { Action } from "../../model/action.ts";
import type { Grant } from "../../model/grant.ts";
import type { JsonValue } from "../../model/json.ts";
import type { Principal } from "../../model/principal.ts";
import type { ListenerProfile, PinnedCall, ResponsePlan } from "../call.ts";
import type { Lookup } from "../references/lookup.ts";
import { hideOwnerStep } from "./build-output.ts";
import { basisOfContainers, describeContainer, filterContainers } from "./container-answers.ts";
import { filterDiskUsage } from "./disk-usage.ts";
import { filterEvent } from "./events.ts";
import { hideLabels } from "./hide-labels.ts";
import { describeHistory, describeImage, filterImages } from "./image-answers.ts";
import { describeNetwork, filterNetworks, filterSwarmThings, filterVolumes } from "./other-answers.ts";
import { needObject } from "./parts.ts";
import { type View, viewOf } from "./view.ts";
import { warnCaller } from "./warn-caller.ts";
import { withWarnings } from "./warnings.ts";

type Change = (value: JsonValue, view: View) => JsonValue | Promise<JsonValue>;

/** Only our labels have to go. */
const asItIs: Change = (value) => value;

const changes: Partial<Readonly<Record<Action, Change>>> = {
  "container.list": filterContainers,
  "container.inspect": describeContainer,
  "image.list": filterImages,
  "image.inspect": describeImage,
  "image.history": describeHistory,
  "volume.list": async (value, view) => {
    const answer = needObject("volumes", value);
    return { ...answer, Volumes: await filterVolumes(answer["Volumes"], view) };
  },
  "volume.inspect": asItIs,
  "volume.create": asItIs,
  "service.inspect": asItIs,
  "task.inspect": asItIs,
  "secret.inspect": asItIs,
  "config.inspect": asItIs,
  "network.list": filterNetworks,
  "network.inspect": describeNetwork,
  "service.list": filterSwarmThings,
  "task.list": filterSwarmThings,
  "secret.list": filterSwarmThings,
  "config.list": filterSwarmThings,
  "system.df": filterDiskUsage,
};

export type Caller = {
  readonly principal: Principal;
  readonly grants: ReadonlySet<Grant>;
  readonly profile: ListenerProfile;
  readonly lookup: Lookup;
  /** `docker`, `podman`. */
  readonly engineKind: string;
  /** In warn mode: why policy would refuse the call. */
  readonly warning?: string;
};

/** In observe and warn mode nothing is taken away; the names that the gate replaced are put back in every mode. */
export function planResponse(pinned: PinnedCall, caller: Caller): ResponsePlan {
  const plan = planAnswer(pinned, caller);
  return caller.warning ? warnCaller(plan, pinned.call.route.action, caller.warning) : plan;
}

function planAnswer(pinned: PinnedCall, caller: Caller): ResponsePlan {
  const { action, response } = pinned.call.route;
  if (response.kind === "hijack") return { kind: "tunnel" };
  if (action === "image.build") return { kind: "records", change: hideOwnerStep() };
  const told = pinned.known.hardened?.changes ?? [];
  if (told.length > 0 && warned.has(action)) return { kind: "json", change: (value) => withWarnings(value, told) };
  const change = action === "system.events" ? asItIs : changes[action];
  return change === undefined ? { kind: "pass" } : planChange(action, change, caller);
}

function planChange(action: Action, change: Change, caller: Caller): ResponsePlan {
  const view = viewOf(caller.principal, caller.grants, caller.lookup, caller.profile.mode === "enforce");
  const shown = caller.grants.has("owner.any") ? (value: JsonValue) => value : hideLabels;
  if (action === "system.events") {
    return { kind: "records", change: (value) => whenThere(filterEvent(value, view), shown) };
  }
  const changed = async (value: JsonValue): Promise<JsonValue> => shown(await change(value, view));
  if (action !== "container.list") return { kind: "json", change: changed };
  const kind = shown === hideLabels ? "hidden" : "whole";
  return {
    kind: "json",
    change: changed,
    basis: async (value) => `${kind} ${await basisOfContainers(value, view)}`,
  };
}

/** Calls whose answer has a list of warnings. */
const warned: ReadonlySet<Action> = new Set<Action>(["container.create", "service.create", "service.update"]);

function whenThere(value: JsonValue | undefined, change: (value: JsonValue) => JsonValue): JsonValue | undefined {
  return value === undefined ? undefined : change(value);
}
