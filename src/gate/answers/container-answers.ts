// Lists and descriptions of containers: only those the caller may see, and with the image and network names the caller gave
// (the engine only got ids).
// Source: moby/moby, daemon/list.go: a container shows its image's name as long as the name still means that image.

import { textAt } from "../../base/reading.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { imageLabel } from "../ownership/labels.ts";
import { objectIn } from "../references/edit-json.ts";
import { needList, needObject } from "./parts.ts";
import { networkName, showContainers } from "./shown-containers.ts";
import type { View } from "./view.ts";

/** An answer of null stays null. */
export async function filterContainers(list: JsonValue | undefined, view: View): Promise<JsonValue> {
  if (list === null || list === undefined) return null;
  const items = needContainers(list);
  const shown = await showContainers(items, view);
  return items.flatMap((item, at) => {
    const names = shown[at];
    if (names === undefined) return [];
    const named = names.image === undefined ? item : { ...item, Image: names.image };
    return [withNetworkName(named, names.networkMode)];
  });
}

/** Everything beside the list that decides what is shown of it. */
export async function basisOfContainers(list: JsonValue, view: View): Promise<string> {
  return list === null ? "" : JSON.stringify(await showContainers(needContainers(list), view));
}

export async function describeContainer(value: JsonValue): Promise<JsonValue> {
  const container = needObject("container", value);
  const config = objectIn(container, "Config");
  const asked = textAt(config, "Labels", imageLabel);
  const named = asked === "" ? container : { ...container, Config: { ...config, Image: asked } };
  return withNetworkName(named, networkName(named));
}

function needContainers(list: JsonValue): readonly JsonObject[] {
  return needList("containers", list).map((item) => needObject("containers", item));
}

function withNetworkName(item: JsonObject, name: string | undefined): JsonObject {
  if (name === undefined) return item;
  return { ...item, HostConfig: { ...objectIn(item, "HostConfig"), NetworkMode: name } };
}
