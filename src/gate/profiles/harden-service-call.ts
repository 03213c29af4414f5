// Profiles of a service of a swarm: its tasks are made by the engine, so everything has to stand in the service itself.

import { textAt } from "../../base/reading.ts";
import { hardenService } from "../../harden/harden-service.ts";
import { watchDemands } from "../../harden/watch-demands.ts";
import type { JsonObject } from "../../model/json.ts";
import type { ListenerProfile, PinnedCall } from "../call.ts";
import type { Gate } from "../gate.ts";
import { profilesLabel } from "../ownership/labels.ts";
import { objectIn } from "../references/edit-json.ts";
import { profilesOfImage } from "./find-profiles.ts";
import { cannotHarden } from "./refuse-profile.ts";

/** @throws Refusal naming the controls that this service cannot carry */
export async function hardenServiceCall(
  pinned: PinnedCall,
  listener: ListenerProfile,
  gate: Gate,
): Promise<PinnedCall> {
  const { call } = pinned;
  const body = call.body.kind === "json" ? call.body.value : {};
  if ((call.query["rollback"]?.[0] ?? "") !== "") {
    throw cannotHarden([], "the engine would take up an earlier service, past every profile");
  }
  const name = textAt(body, "TaskTemplate", "ContainerSpec", "Image");
  const found = await gate.lookup.image(name);
  const profiles = await profilesOfImage(found?.id ?? "", name, gate);
  if (profiles.length === 0) return pinned;
  const names = profiles.map((profile) => profile.name);
  const image = { user: found?.user ?? "" };
  const { request, changes, chosen, unable } = hardenService(body, profiles, { image, apiVersion: call.apiVersion });
  if (unable.length > 0) throw cannotHarden(names, `the tasks of a service cannot have its ${unable.join(", ")}`);
  if (listener.transport === "authz-plugin") {
    if (changes.length > 0) throw cannotHarden(names, `the service would have to change: ${changes.join("; ")}`);
    return pinned;
  }
  return {
    ...pinned,
    call: { ...call, body: { kind: "json", value: withLabel(request, names) } },
    known: { ...pinned.known, hardened: { profiles: names, changes, chosen, watch: watchDemands(profiles) } },
  };
}

/** Containers of tasks have the labels that stand here. */
function withLabel(service: JsonObject, names: readonly string[]): JsonObject {
  const task = objectIn(service, "TaskTemplate");
  const spec = objectIn(task, "ContainerSpec");
  const labels = { ...objectIn(spec, "Labels"), [profilesLabel]: names.join(",") };
  return { ...service, TaskTemplate: { ...task, ContainerSpec: { ...spec, Labels: labels } } };
}
