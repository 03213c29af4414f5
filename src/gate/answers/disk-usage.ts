// GET /system/df: the lists of images, containers and volumes in one answer, and the build cache, which is nobody's.
// Source: Engine API reference, SystemDataUsage; since 1.52 each list stands under a summary.

import type { JsonObject, JsonValue } from "../../model/json.ts";
import { isJsonObject } from "../references/edit-json.ts";
import { filterContainers } from "./container-answers.ts";
import { filterImages } from "./image-answers.ts";
import { filterVolumes } from "./other-answers.ts";
import { needObject } from "./parts.ts";
import type { View } from "./view.ts";

type Filter = (list: JsonValue | undefined, view: View) => Promise<JsonValue>;

const lists: Readonly<Record<string, Filter>> = {
  Images: filterImages,
  Containers: filterContainers,
  Volumes: filterVolumes,
  BuildCache: filterCache,
};
/** Sums over everything. */
const summaries: Readonly<Record<string, Filter>> = {
  ImageUsage: filterImages,
  ImagesDiskUsage: filterImages,
  ContainerUsage: filterContainers,
  ContainersDiskUsage: filterContainers,
  VolumeUsage: filterVolumes,
  VolumesDiskUsage: filterVolumes,
  BuildCacheUsage: filterCache,
  BuildCacheDiskUsage: filterCache,
};
const numbers: ReadonlySet<string> = new Set(["LayersSize", "BuilderSize"]);

/** What is not known here is left out: a newer engine may list things in a way that this does not filter. */
export async function filterDiskUsage(value: JsonValue, view: View): Promise<JsonValue> {
  const entries: [string, JsonValue][] = [];
  for (const [key, part] of Object.entries(needObject("disk usage", value))) {
    if (part === undefined) continue;
    const list = lists[key];
    const summary = summaries[key];
    if (list !== undefined) entries.push([key, await list(part, view)]);
    else if (summary !== undefined && isJsonObject(part)) entries.push([key, await filterSummary(part, summary, view)]);
    else if (numbers.has(key)) entries.push([key, part]);
  }
  return Object.fromEntries(entries);
}

async function filterSummary(part: JsonObject, filter: Filter, view: View): Promise<JsonValue> {
  return Object.hasOwn(part, "Items") ? { ...part, Items: await filter(part["Items"], view) } : part;
}

async function filterCache(list: JsonValue | undefined, view: View): Promise<JsonValue> {
  return view.maySee({ owner: "", isShared: false }) ? (list ?? null) : [];
}
