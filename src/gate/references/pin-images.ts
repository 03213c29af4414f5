// Calls about images: which tags they set, which images they read.
// Source: moby/moby, api/server/router/{image,build}/*_routes.go; daemon/images/image_{pull,tag}.go.

import { decodeJson } from "../../base/json.ts";
import { readReference, repositoryOf } from "../../base/reference.ts";
import type { Call } from "../call.ts";
import { changeText } from "./edit-json.ts";
import { pinNetworkMode } from "./pin-create.ts";
import { missing } from "./pin-resource.ts";
import { type Pinned, type Pinning, pinImage, pinTag } from "./pinning.ts";
import { refuseName } from "./refuse-name.ts";

/** The first value of a query parameter; "" when it is not there. */
export function queryText(call: Call, key: string): string {
  return call.query[key]?.[0] ?? "";
}

export async function pinBuild(pinning: Pinning, call: Call): Promise<Pinned> {
  for (const tag of call.query["t"] ?? []) if (tag !== "") await pinTag(pinning, tag, "");
  for (const name of textsOf(queryText(call, "cachefrom"))) {
    // What is not here is no cache: the engine goes on without.
    if ((await pinning.lookup.image(name)) !== undefined) await pinImage(pinning, name);
  }
  const mode = queryText(call, "networkmode");
  if (mode === "") return { call };
  const pinned = await changeText(mode, (text) => pinNetworkMode(pinning, text));
  return { call: { ...call, query: { ...call.query, networkmode: [String(pinned)] } } };
}

/** Without a tag the engine pulls every tag of the repository; those that are here already would move. */
export async function pinPull(pinning: Pinning, call: Call): Promise<Pinned> {
  const asked = queryText(call, "fromImage");
  const name = readReference(asked.replace(/:$/, ""));
  if (name === undefined) throw refuseName(asked);
  const tag = queryText(call, "tag");
  if (tag.includes(":") || (tag === "" && name.digest !== undefined)) return { call };
  if (tag !== "") await pinTag(pinning, repositoryOf(name), tag, true);
  else if (name.tag !== undefined) await pinTag(pinning, repositoryOf(name), name.tag, true);
  else {
    const repository = repositoryOf(name);
    const images = await pinning.lookup.imagesOf(repository);
    const tags = images.flatMap((image) => image.tags).filter((known) => known.startsWith(`${repository}:`));
    for (const known of new Set(tags)) await pinTag(pinning, repository, known.slice(repository.length + 1), true);
  }
  return { call };
}

export async function pinTarget(pinning: Pinning, call: Call): Promise<Pinned> {
  const repository = queryText(call, "repo");
  if (repository !== "") await pinTag(pinning, repository, queryText(call, "tag"));
  return { call };
}

/** Without a tag the engine pushes every tag of the repository. */
export async function pinPush(pinning: Pinning, call: Call): Promise<Pinned> {
  const asked = call.params["name"] ?? "";
  const name = readReference(asked);
  if (name === undefined) return { call };
  const tag = queryText(call, "tag");
  const repository = repositoryOf(name);
  if (tag === "" && name.tag === undefined && name.digest === undefined) {
    const images = await pinning.lookup.imagesOf(repository);
    for (const id of new Set(images.map((image) => image.id))) await pinImage(pinning, id);
    const [first] = images;
    if (first === undefined) return { call, resource: missing("Image", asked) };
    // Whose they are stands in the references, one by one.
    return { call, resource: { type: "Image", id: first.id, name: asked, owner: "", isShared: true } };
  }
  if (tag === "") return { call };
  const image = await pinImage(pinning, `${repository}:${tag}`);
  if (image === undefined) return { call, resource: missing("Image", `${repository}:${tag}`) };
  const owned = pinning.references.at(-1);
  const { owner, isShared } = owned ?? { owner: "", isShared: false };
  return { call, resource: { type: "Image", id: image.id, name: `${repository}:${tag}`, owner, isShared } };
}

/** Several images by name: the names go into the archive, so they stay. */
export async function pinSave(pinning: Pinning, call: Call): Promise<Pinned> {
  for (const name of call.query["names"] ?? []) if (name !== "") await pinImage(pinning, name);
  return { call };
}

/** An image is made from a container: that container is the resource. */
export async function pinCommit(pinning: Pinning, call: Call): Promise<Pinned> {
  await pinTarget(pinning, call);
  const name = queryText(call, "container");
  const found = await pinning.lookup.container(name);
  if (found === undefined) return { call, resource: missing("Container", name) };
  const resource = { type: "Container", id: found.id, name: found.name, owner: found.owner, isShared: false } as const;
  return { call: { ...call, query: { ...call.query, container: [found.id] } }, resource };
}

function textsOf(json: string): readonly string[] {
  const value = json === "" ? [] : decodeJson(new TextEncoder().encode(json));
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
