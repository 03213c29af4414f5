// What a container changed in its file system: the engine's list, and the files themselves where they are small. The
// container may have put links there to lead us out of it: none is followed.

import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fieldAt, textAt } from "../../base/reading.ts";
import type { EngineClient } from "../../engine/engine.ts";

export type ChangedFiles = {
  /** `A /tmp/x`, one a line; names escaped as in JSON. */
  readonly list: string;
  readonly files: readonly { readonly path: string; readonly content: Buffer }[];
};

const kinds = ["C", "A", "D"] as const;
const maxListed = 100_000;
const maxFiles = 200;
const maxFileBytes = 1 << 20;

/** Source: Engine API reference, ContainerChanges: `Kind` 0 modified, 1 added, 2 deleted. */
export async function collectChanges(containerId: string, engine: EngineClient): Promise<ChangedFiles> {
  const id = encodeURIComponent(containerId);
  const changes: unknown = await engine.get(`/containers/${id}/changes`);
  const upper = textAt(await engine.get(`/containers/${id}/json`), "GraphDriver", "Data", "UpperDir");
  const entries = (Array.isArray(changes) ? changes : []).slice(0, maxListed).map((change: unknown) => ({
    kind: kinds[Number(fieldAt(change, "Kind"))] ?? "?",
    path: textAt(change, "Path"),
  }));
  const files: { path: string; content: Buffer }[] = [];
  for (const { kind, path } of entries) {
    if (files.length >= maxFiles || upper === "" || kind === "D") continue;
    const content = readRegular(upper, path);
    if (content !== undefined) files.push({ path, content });
  }
  return { list: entries.map(({ kind, path }) => `${kind} ${JSON.stringify(path)}\n`).join(""), files };
}

function readRegular(root: string, path: string): Buffer | undefined {
  try {
    const folder = dirname(join(root, path));
    if (realpathSync(folder) !== join(realpathSync(root), dirname(join("/", path)))) return undefined;
    const fd = openSync(join(root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const found = fstatSync(fd);
      return found.isFile() && found.size <= maxFileBytes ? readFileSync(fd) : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined; // a link, a device, or gone: its name is in the list
  }
}
