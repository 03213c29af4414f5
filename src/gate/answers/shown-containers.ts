// Which containers of a list the caller may see, and under which names. What has to be looked up is looked up once for
// the whole list.

import { fieldsAt, textAt } from "../../base/reading.ts";
import type { JsonObject } from "../../model/json.ts";
import { imageLabel, ownerLabel, requestLabel } from "../ownership/labels.ts";
import { ownerBeside } from "../references/found.ts";
import type { View } from "./view.ts";

/** What replaces an id that the gate sent; undefined where the engine's own word stays. */
export type ShownNames = { readonly image: string | undefined; readonly networkMode: string | undefined };

/** @returns for each container its names, or undefined where the caller may not know of it */
export async function showContainers(
  items: readonly JsonObject[],
  view: View,
): Promise<readonly (ShownNames | undefined)[]> {
  const images = items.map(labelledImage);
  const labels = await askEach(images, (id) => view.lookup.imageLabels(id));
  const seen = items.map((item, at) => {
    const own = { [ownerLabel]: labelAt(item, ownerLabel), [requestLabel]: labelAt(item, requestLabel) };
    return view.maySee({ owner: ownerBeside(own, labels.get(images[at] ?? "")), isShared: false });
  });
  const asked = items.map((item, at) => (seen[at] === true ? askedImage(item) : undefined));
  const named = await askEach(asked, (name) => view.lookup.image(name));
  return items.map((item, at) => {
    if (seen[at] !== true) return undefined;
    const name = asked[at];
    const isStill = name !== undefined && named.get(name)?.id === textAt(item, "ImageID");
    return { image: isStill ? name : undefined, networkMode: networkName(item) };
  });
}

/** The network mode is an id now; the container's own endpoints tell its name. */
export function networkName(item: JsonObject): string | undefined {
  const mode = textAt(item, "HostConfig", "NetworkMode");
  if (!/^[0-9a-z]{25,64}$/.test(mode)) return undefined;
  const endpoints = Object.entries(fieldsAt(item, "NetworkSettings", "Networks"));
  return endpoints.find(([key, endpoint]) => textAt(endpoint, "NetworkID") === mode && key !== mode)?.[0];
}

/** The image whose labels could have made the container's; undefined when it has none of ours. */
function labelledImage(item: JsonObject): string | undefined {
  return labelAt(item, ownerLabel) === "" || labelAt(item, requestLabel) === "" ? undefined : textAt(item, "ImageID");
}

function askedImage(item: JsonObject): string | undefined {
  const asked = labelAt(item, imageLabel);
  return asked === "" || textAt(item, "ImageID") === "" ? undefined : asked;
}

function labelAt(item: JsonObject, label: string): string {
  return textAt(item, "Labels", label);
}

async function askEach<Answer>(
  names: readonly (string | undefined)[],
  ask: (name: string) => Promise<Answer>,
): Promise<ReadonlyMap<string, Answer>> {
  const answers = new Map<string, Answer>();
  for (const name of names) if (name !== undefined && !answers.has(name)) answers.set(name, await ask(name));
  return answers;
}
