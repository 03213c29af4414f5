// Names of images in the form the ledger keeps: `docker.io/library/a:latest`.

import { type ImageReference, parseReference, readImageId } from "../../base/reference.ts";

/** @returns undefined when it is not an image name; a full id is not one either */
export function parseImageName(text: string): ImageReference | undefined {
  try {
    return parseReference(text);
  } catch {
    // Not a name: the caller decides what that means.
    return undefined;
  }
}

export function isImageId(text: string): boolean {
  return readImageId(text) !== undefined;
}

/** A name without tag means `latest`. */
export function tagOf(name: ImageReference): string {
  return `${repositoryOf(name)}:${name.tag ?? "latest"}`;
}

/** `docker.io/library/a` */
export function repositoryOf(name: ImageReference): string {
  return `${name.domain}/${name.path}`;
}

/** A tag of the engine's lists (`a:b`), in the ledger's form; undefined for `<none>:<none>` and anything odd. */
export function canonicalTag(text: string): string | undefined {
  const name = parseImageName(text);
  return name === undefined || name.digest !== undefined ? undefined : tagOf(name);
}
