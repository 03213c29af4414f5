// Which profiles an image gets. All that match: a name that somebody adds to an image takes no profile away from it.

import type { Profile } from "../model/profile.ts";

export type NamedImage = {
  /** `sha256:...` of the config. */
  readonly id: string;
  /** Every canonical tag that the image has, and the name that the caller used. */
  readonly tags: readonly string[];
  /** Repositories it was pulled from or pushed to. */
  readonly repositories: readonly string[];
};

/** General ones first, so that special ones have the last word about what can only be chosen once. */
export function selectProfiles(profiles: readonly Profile[], image: NamedImage): readonly Profile[] {
  const names = new Set([image.id, ...image.tags, ...image.tags.map(repositoryOfTag), ...image.repositories]);
  const special = profiles.filter(({ images }) => images.some((name) => name !== "*" && names.has(name)));
  const general = profiles.filter(({ images }) => images.includes("*"));
  return [...general.filter((profile) => !special.includes(profile)), ...special];
}

/** `docker.io/library/nginx:1.27` -> `docker.io/library/nginx` */
function repositoryOfTag(tag: string): string {
  const name = tag.split("@", 1)[0] ?? "";
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}
