// Lists and descriptions of containers: only those the caller may see, and with the image and network names the caller gave
// (the engine only got ids).
// Source: moby/moby, daemon/list.go: a container shows its image's name as long as the name still means that image.

import { textAt } from "../../base/reading.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { Principal } from "../../model/principal.ts";
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

type Basis = Pick<View, "grants" | "isFiltered"> & { readonly generation: number; readonly text: string };

/** Of lists that came again: for each who asked, as long as the names of images mean the same. */
const bases = new WeakMap<object, WeakMap<Principal, Basis>>();

/** Everything beside the list that decides what is shown of it. */
export async function basisOfContainers(list: JsonValue, view: View): Promise<string> {
  if (list === null || typeof list !== "object") return "";
  const { principal, grants, isFiltered, lookup } = view;
  const generation = lookup.imagesGeneration();
  const known = bases.get(list)?.get(principal);
  const isSame = known?.generation === generation && known?.grants === grants && known.isFiltered === isFiltered;
  if (isSame) return known.text;
  const text = JSON.stringify(await showContainers(needContainers(list), view));
  // What may have changed meanwhile is worked out again.
  if (generation === undefined || generation !== lookup.imagesGeneration()) return text;
  const others = bases.get(list) ?? new WeakMap<Principal, Basis>();
  bases.set(list, others.set(principal, { grants, isFiltered, generation, text }));
  return text;
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
