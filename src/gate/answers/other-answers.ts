// Volumes, networks, and the things of a swarm.

import { textAt } from "../../base/reading.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { isJsonObject } from "../references/edit-json.ts";
import { readNetwork, readSwarmThing, readVolume } from "../references/found.ts";
import { keepItems, needObject } from "./parts.ts";
import type { View } from "./view.ts";

export function filterVolumes(list: JsonValue | undefined, view: View): Promise<JsonValue> {
  return keepItems("volumes", list, async (item) => {
    const { owner } = readVolume(item, view.lookup.ledger.owners("volume", textAt(item, "Name")));
    return view.maySee({ owner, isShared: false }) ? item : undefined;
  });
}

export function filterNetworks(list: JsonValue | undefined, view: View): Promise<JsonValue> {
  return keepItems("networks", list, async (item) => {
    return view.maySee(readNetwork(item)) ? describeNetwork(item, view) : undefined;
  });
}

/** A network that several callers share shows each of them only their own endpoints. */
export async function describeNetwork(value: JsonValue, view: View): Promise<JsonObject> {
  const network = needObject("network", value);
  const containers = network["Containers"];
  const shown = isJsonObject(containers) ? { ...network, Containers: await ownEndpoints(containers, view) } : network;
  // Endpoints of all nodes, by service; nothing there tells whose they are.
  const knowsServices = Object.hasOwn(shown, "Services") && !view.maySee({ owner: "", isShared: false });
  return knowsServices ? { ...shown, Services: {} } : shown;
}

async function ownEndpoints(containers: JsonObject, view: View): Promise<JsonObject> {
  const kept: [string, JsonValue][] = [];
  for (const [id, endpoint] of Object.entries(containers)) {
    // Endpoints without a container (`ep-...`, `lb-...`) are the engine's.
    const owner = (await view.lookup.container(id))?.owner ?? "";
    if (endpoint !== undefined && view.maySee({ owner, isShared: false })) kept.push([id, endpoint]);
  }
  return Object.fromEntries(kept);
}

/** Services, tasks, secrets and configs. */
export function filterSwarmThings(list: JsonValue | undefined, view: View): Promise<JsonValue> {
  return keepItems("swarm", list, async (item) => {
    return view.maySee({ owner: readSwarmThing(item).owner, isShared: false }) ? item : undefined;
  });
}
