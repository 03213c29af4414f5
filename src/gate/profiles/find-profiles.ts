// Which profiles count for an image or a container: those that its names call for, and those that it had before. A name that is
// taken away takes no profile with it.

import { canonicalTag, readReference, repositoryOf } from "../../base/reference.ts";
import { type NamedImage, selectProfiles } from "../../harden/select-profiles.ts";
import type { Profile } from "../../model/profile.ts";
import type { Gate } from "../gate.ts";
import type { FoundImage } from "../references/found.ts";

/** @param name as the caller wrote it; "" when he named none */
export async function profilesOfImage(imageId: string, name: string, gate: Gate): Promise<readonly Profile[]> {
  const image = imageId === "" ? undefined : await gate.lookup.image(imageId);
  return chosen(gate, namesOf(imageId, name, image), new Set(gate.lookup.ledger.owners("profile", imageId)));
}

/** With those that were written into the container when it was made. */
export async function profilesOfContainer(id: string, gate: Gate): Promise<readonly Profile[]> {
  const container = await gate.lookup.container(id);
  if (container === undefined) return [];
  const image = await gate.lookup.image(container.imageId);
  const before = new Set([...container.profiles, ...gate.lookup.ledger.owners("profile", container.imageId)]);
  return chosen(gate, namesOf(container.imageId, "", image), before);
}

/**
 * Writes down which images have which profiles by their names, before a call that may take names away. Profiles for "*" and for
 * ids need no memory.
 */
export async function rememberProfiles(gate: Gate): Promise<void> {
  const profiles = gate
    .profiles()
    .filter(({ images }) => images.some((name) => name !== "*" && !name.startsWith("sha256:")));
  if (profiles.length === 0) return;
  for (const id of await gate.lookup.imageIds()) {
    const image = await gate.lookup.image(id);
    if (image === undefined) continue;
    for (const { name, images } of selectProfiles(profiles, namesOf(id, "", image))) {
      if (!images.includes("*")) gate.lookup.ledger.claim("profile", id, name);
    }
  }
}

function chosen(gate: Gate, image: NamedImage, before: ReadonlySet<string>): readonly Profile[] {
  const profiles = gate.profiles();
  const byName = selectProfiles(profiles, image);
  const remembered = profiles.filter((profile) => before.has(profile.name) && !byName.includes(profile));
  return [...byName, ...remembered];
}

function namesOf(id: string, name: string, image: FoundImage | undefined): NamedImage {
  // `web:1@sha256:...`, as services are written: the tag counts too.
  const asked = canonicalTag(name.split("@", 1)[0] ?? "");
  const reference = readReference(name);
  return {
    id,
    tags: [...(image?.tags ?? []), ...(asked === undefined ? [] : [asked])],
    repositories: [...(image?.repositories ?? []), ...(reference === undefined ? [] : [repositoryOf(reference)])],
  };
}
