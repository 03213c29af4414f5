// Images: those the caller may see, under the names that are not other callers' alone.

import { textAt } from "../../base/reading.ts";
import { canonicalTag } from "../../base/reference.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { imageLabel } from "../ownership/labels.ts";
import { isJsonList, objectIn } from "../references/edit-json.ts";
import { readImage } from "../references/found.ts";
import { ownerOfImage } from "../references/image-owner.ts";
import { keepItems, needList, needObject } from "./parts.ts";
import type { View } from "./view.ts";

export function filterImages(list: JsonValue | undefined, view: View): Promise<JsonValue> {
  return keepItems("images", list, async (item) => {
    const owned = ownerOfImage(readImage(item), view.lookup.ledger, view.owner);
    return view.maySee(owned) ? withoutForeignTags(item, "RepoTags", view) : undefined;
  });
}

/** Attestations of an image (1.53) are a list and name no tags. */
export async function describeImage(value: JsonValue, view: View): Promise<JsonValue> {
  if (isJsonList(value)) return value;
  return withAskedImage(withoutForeignTags(needObject("image", value), "RepoTags", view));
}

/** A commit remembers the image that its container was made from; the engine only got an id of it. */
function withAskedImage(image: JsonObject): JsonObject {
  const named = ["Config", "ContainerConfig"].flatMap((key) => {
    const config = objectIn(image, key);
    const asked = textAt(config, "Labels", imageLabel);
    return asked === "" || textAt(config, "Image") === "" ? [] : [[key, { ...config, Image: asked }] as const];
  });
  return { ...image, ...Object.fromEntries(named) };
}

/** Each layer of a history carries the names of the image that ends there. */
export async function describeHistory(value: JsonValue, view: View): Promise<JsonValue> {
  const layers = needList("history", value).map((layer) => needObject("history", layer));
  return layers.map((layer) => withoutForeignTags(withoutForeignId(layer, view), "Tags", view));
}

/** An image below that somebody else owns is a layer like any other: without id. */
function withoutForeignId(layer: JsonObject, view: View): JsonObject {
  const id = textAt(layer, "Id");
  if (!id.startsWith("sha256:")) return layer;
  const owners = view.lookup.ledger.owners("image", id);
  const isForeign = owners.length > 0 && !owners.some((owner) => view.maySee({ owner, isShared: false }));
  return isForeign ? { ...layer, Id: "<missing>" } : layer;
}

function withoutForeignTags(item: JsonObject, key: string, view: View): JsonObject {
  const tags = item[key];
  return isJsonList(tags)
    ? { ...item, [key]: tags.filter((tag) => typeof tag === "string" && maySeeTag(tag, view)) }
    : item;
}

/** Names that nobody claimed are everybody's. */
export function maySeeTag(text: string, view: View): boolean {
  const tag = canonicalTag(text);
  const owners = tag === undefined ? [] : view.lookup.ledger.owners("tag", tag);
  return owners.length === 0 || owners.some((owner) => view.maySee({ owner, isShared: false }));
}
