// Where a bind source really is on the host: every symbolic link followed, also those above a path that is not there yet.

import { realpath } from "node:fs/promises";
import { posix } from "node:path";
import { errorText } from "../../base/errors.ts";
import { Refusal } from "../refusal.ts";
import type { Pinning } from "./pinning.ts";

/**
 * @param path absolute, as the caller wrote it
 * @returns the path to send; noted in `realPaths` when it exists, under both spellings
 */
export async function pinBindSource(pinning: Pick<Pinning, "realPaths">, path: string): Promise<string> {
  const { resolved, exists } = await resolveSource(path);
  if (resolved.includes(":")) throw refuseColon(path);
  if (exists) {
    pinning.realPaths.set(path, resolved);
    pinning.realPaths.set(resolved, resolved);
  }
  return resolved;
}

async function resolveSource(path: string): Promise<{ readonly resolved: string; readonly exists: boolean }> {
  // The links come first: `/a/link/..` is above what the link points to.
  const whole = await tryRealpath(path);
  if (whole !== undefined) return { resolved: whole, exists: true };
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  for (let count = parts.length - 1; count > 0; count--) {
    const above = await tryRealpath(`/${parts.slice(0, count).join("/")}`);
    if (above !== undefined) return { resolved: posix.join(above, ...parts.slice(count)), exists: false };
  }
  return { resolved: posix.normalize(`/${parts.join("/")}`), exists: false };
}

/** @returns undefined when the path cannot be followed: not there, not ours to see, or a circle */
async function tryRealpath(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (thrown) {
    if (errorText(thrown).includes("null bytes")) throw refuseNull();
    return undefined;
  }
}

function refuseColon(path: string): Refusal {
  return new Refusal({
    code: "AMBIGUOUS_INPUT",
    status: 400,
    rule: "request/bind-source",
    reason: `bind source ${JSON.stringify(path)}: leads to a path with a colon, which a bind cannot name`,
    hint: "mount a folder whose real path has no colon",
  });
}

function refuseNull(): Refusal {
  return new Refusal({
    code: "MALFORMED_INPUT",
    status: 400,
    rule: "request/bind-source",
    reason: "bind source: holds a NUL character",
    hint: "write the path without it",
  });
}
