// Names in the path: what the engine could take for an image, a plugin or an object.

import { parseReference, readImageId } from "../../base/reference.ts";
import type { Route } from "../../engine/route.ts";
import { quoted, refused } from "./refused.ts";

const maxNameLength = 1024;

/** @throws Refusal */
export function checkParams(route: Route, params: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(params)) {
    if (value.length > maxNameLength) throw badName(value, `at most ${maxNameLength} characters`);
    if (value !== value.trim()) throw badName(value, "a name without spaces around it");
    if (isReference(route, name)) checkReference(value);
  }
}

/** These names may span path segments, so their grammar is the only thing that keeps them apart from other routes. */
function isReference(route: Route, param: string): boolean {
  return param === "name" && route.surface === "docker" && route.resource !== "Volume";
}

function checkReference(value: string): void {
  if (readImageId(value) !== undefined) return;
  try {
    parseReference(value);
  } catch {
    // The docker CLI looks for these words to go on to the next kind of object in `docker inspect NAME`.
    throw badName(value, "an image name like registry/path:tag, or an id", "invalid reference format: ");
  }
}

function badName(value: string, expected: string, prefix = ""): Error {
  return refused({
    slug: "name",
    reason: `${prefix}name ${quoted(value)}: expected ${expected}`,
    hint: "write the name as docker ps or docker images shows it",
  });
}
