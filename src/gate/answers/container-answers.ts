// Lists and descriptions of containers: only those the caller may see, and with the image and network names the caller gave
// (the engine only got ids).
// Source: moby/moby, daemon/list.go: a container shows its image's name as long as the name still means that image.

import { fieldsAt, textAt, textMapAt } from "../../base/reading.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { imageLabel } from "../ownership/labels.ts";
import { objectIn } from "../references/edit-json.ts";
import { ownerOfContainer } from "../references/found.ts";
import { keepItems, needObject } from "./parts.ts";
import type { View } from "./view.ts";

export function filterContainers(list: JsonValue | undefined, view: View): Promise<JsonValue> {
  return keepItems("containers", list, async (item) => {
    const imageId = textAt(item, "ImageID");
    const labels = textMapAt(item, "Labels");
    const owner = await ownerOfContainer(labels, () => view.lookup.imageLabels(imageId));
    return view.maySee({ owner, isShared: false }) ? withNames(item, view) : undefined;
  });
}

export async function describeContainer(value: JsonValue): Promise<JsonValue> {
  const container = needObject("container", value);
  const config = objectIn(container, "Config");
  const asked = textMapAt(config, "Labels")[imageLabel] ?? "";
  const named = asked === "" ? container : { ...container, Config: { ...config, Image: asked } };
  return withNetworkName(named);
}

async function withNames(item: JsonObject, view: View): Promise<JsonObject> {
  const asked = textMapAt(item, "Labels")[imageLabel] ?? "";
  const imageId = textAt(item, "ImageID");
  if (asked === "" || imageId === "") return withNetworkName(item);
  const found = await view.lookup.image(asked);
  return withNetworkName(found?.id === imageId ? { ...item, Image: asked } : item);
}

/** The network mode is an id now; the container's own endpoints tell its name. */
function withNetworkName(item: JsonObject): JsonObject {
  const hostConfig = objectIn(item, "HostConfig");
  const mode = textAt(hostConfig, "NetworkMode");
  if (!/^[0-9a-z]{25,64}$/.test(mode)) return item;
  const endpoints = Object.entries(fieldsAt(item, "NetworkSettings", "Networks"));
  const name = endpoints.find(([key, endpoint]) => textAt(endpoint, "NetworkID") === mode && key !== mode)?.[0];
  return name === undefined ? item : { ...item, HostConfig: { ...hostConfig, NetworkMode: name } };
}
