// What a service refers to: networks, secrets, configs, volumes and images of its tasks.
// Source: Engine API reference, ServiceSpec and TaskSpec.

import { textAt } from "../../base/reading.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { changeField, changeItems, isJsonObject } from "./edit-json.ts";
import { pinMount } from "./pin-mounts.ts";
import { type Pinning, pinNetwork } from "./pinning.ts";

export async function pinService(pinning: Pinning, spec: JsonObject): Promise<JsonObject> {
  const withNetworks = await changeField(spec, "Networks", (list) => pinTargets(pinning, list));
  return changeField(withNetworks, "TaskTemplate", (task) => pinTask(pinning, task));
}

async function pinTask(pinning: Pinning, task: JsonValue): Promise<JsonValue> {
  if (!isJsonObject(task)) return task;
  const withNetworks = await changeField(task, "Networks", (list) => pinTargets(pinning, list));
  return changeField(withNetworks, "ContainerSpec", (container) => pinTaskContainer(pinning, container));
}

/** The image stays a name: other nodes of the swarm have to find it. */
async function pinTaskContainer(pinning: Pinning, container: JsonValue): Promise<JsonValue> {
  if (!isJsonObject(container)) return container;
  const withMounts = await changeField(container, "Mounts", (list) =>
    changeItems(list, (mount) => pinMount(pinning, mount)),
  );
  const withSecrets = await changeField(withMounts, "Secrets", (list) =>
    changeItems(list, (item) => pinStored(pinning, "secret", item)),
  );
  return changeField(withSecrets, "Configs", (list) => changeItems(list, (item) => pinStored(pinning, "config", item)));
}

function pinTargets(pinning: Pinning, list: JsonValue): Promise<JsonValue> {
  return changeItems(list, async (item) => {
    const target = textAt(item, "Target");
    return isJsonObject(item) && target !== "" ? { ...item, Target: await pinNetwork(pinning, target) } : item;
  });
}

/** Secrets and configs count by id; the name beside it is for people. */
async function pinStored(pinning: Pinning, role: "secret" | "config", item: JsonValue): Promise<JsonValue> {
  if (!isJsonObject(item)) return item;
  const key = role === "secret" ? "SecretID" : "ConfigID";
  const name = textAt(item, key) || textAt(item, role === "secret" ? "SecretName" : "ConfigName");
  const found = await pinning.lookup.swarmThing(role === "secret" ? "secrets" : "configs", name);
  const known = { id: found?.id ?? "", owner: found?.owner ?? "", isShared: false, exists: found !== undefined };
  pinning.references.push({ role, name, ...known });
  return found === undefined ? item : { ...item, [key]: found.id };
}
