// What can be a name at all. Everything else is not asked for, so that a name never becomes part of a path of its own.
// Source: moby/moby, daemon/names/names.go (RestrictedNameChars).

import { isImageId, readReference } from "../../base/reference.ts";

const maxLength = 1024;

export function isContainerName(name: string): boolean {
  return name.length <= maxLength && /^\/?[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name);
}

export function isVolumeName(name: string): boolean {
  return name.length <= maxLength && /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name);
}

export function isExecId(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/** A name, an id, or the beginning of an id. */
export function isImageText(name: string): boolean {
  return isImageId(name) || /^(?:sha256:)?[0-9a-f]{1,64}$/.test(name) || readReference(name) !== undefined;
}

/** Networks and swarm things take almost any name; it has to stay one path segment for every router. */
export function isPathSegment(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && name.length <= maxLength && !/[/\\\0]/.test(name);
}
