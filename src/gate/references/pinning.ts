// Collects what a call refers to while its names are being replaced.

import { readReference, repositoryOf, tagOf } from "../../base/reference.ts";
import type { Resource } from "../../model/decision.ts";
import type { Call, Reference } from "../call.ts";
import type { FoundImage } from "./found.ts";
import { ownerOfImage, ownerOfTag } from "./image-owner.ts";
import { refuseTagLikeId } from "./like-an-id.ts";
import type { Lookup } from "./lookup.ts";
import { refuseName } from "./refuse-name.ts";

export type Pinning = {
  readonly lookup: Lookup;
  /** `Principal.owner` of the caller. */
  readonly owner: string;
  readonly references: Reference[];
  readonly realPaths: Map<string, string>;
  readonly volumeOptions: Map<string, Readonly<Record<string, string>>>;
};

/** A call with its names replaced, and its resource when that is not simply the thing in the path. */
export type Pinned = { readonly call: Call; readonly resource?: Resource };

/** @returns the full id, or the name as it was when there is no such container */
export async function pinContainer(pinning: Pinning, name: string): Promise<string> {
  const found = await pinning.lookup.container(name);
  const known = { id: found?.id ?? "", owner: found?.owner ?? "", isShared: false, exists: found !== undefined };
  pinning.references.push({ role: "container", name, ...known });
  return found?.id ?? name;
}

export async function pinNetwork(pinning: Pinning, name: string): Promise<string> {
  const found = await pinning.lookup.network(name, pinning.owner);
  const { id, owner, isShared } = found ?? { id: "", owner: "", isShared: false };
  pinning.references.push({ role: "network", name, id, owner, isShared, exists: found !== undefined });
  // The engine's own networks go by their names: `host` and `none` are modes as well.
  return found === undefined || isShared ? name : id;
}

export async function pinVolume(pinning: Pinning, name: string): Promise<void> {
  const found = await pinning.lookup.volume(name);
  if (found !== undefined) pinning.volumeOptions.set(name, found.options);
  const known = { id: name, owner: found?.owner ?? "", isShared: false, exists: found !== undefined };
  pinning.references.push({ role: "volume", name, ...known });
}

export async function pinImage(pinning: Pinning, name: string): Promise<FoundImage | undefined> {
  const found = await pinning.lookup.image(name);
  const owned = ownerOfImage(found, pinning.lookup.ledger, pinning.owner);
  pinning.references.push({ role: "image", name, id: found?.id ?? "", ...owned, exists: found !== undefined });
  return found;
}

/**
 * Notes a tag that the call sets.
 * @param isPulled its content comes from the registry that the name names, so that callers may share it
 * @throws Refusal when it is no image name
 */
export async function pinTag(pinning: Pinning, repository: string, tag: string, isPulled = false): Promise<string> {
  const name = readReference(repository);
  if (name === undefined || name.digest !== undefined) throw refuseName(repository);
  if (name.domain === "docker.io" && !isPulled) refuseTagLikeId(name.path);
  const wanted = tagOf(tag === "" ? name : { ...name, tag });
  if (readReference(wanted) === undefined) throw refuseName(`${repository}:${tag}`);
  const found = await pinning.lookup.image(wanted);
  const exists = found?.tags.includes(wanted) ?? false;
  const isShared = isPulled && (!exists || (found?.repositories.includes(repositoryOf(name)) ?? false));
  const owner = ownerOfTag(wanted, pinning.lookup.ledger, pinning.owner);
  pinning.references.push({
    role: "tag",
    name: wanted,
    id: found?.id ?? "",
    owner,
    isShared,
    exists: exists || owner !== "",
  });
  return wanted;
}
