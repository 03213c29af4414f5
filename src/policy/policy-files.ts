// The names of policy sets in a configuration -> files: the three that ship, a .cedar file, or a folder of them.

import { constants, type FSWatcher, watch } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { errorText, PlimsollError } from "../base/errors.ts";
import type { PolicySource } from "./source.ts";

/** A set and where it lies; "" when it is in no file. */
export type ReadSource = PolicySource & { readonly path: string };

/** Where a policy store gets its text from, and how it hears of changes. */
export interface PolicyFiles {
  /** @throws PlimsollError POLICY_INVALID when a set or file is not there */
  read(): Promise<readonly ReadSource[]>;
  /** Calls back, perhaps more than once, after a file changed. */
  watch(changed: () => void): { close(): void };
}

/** Sets that ship, as files of the policy folder; `restricted` builds on `baseline`. */
export const shippedSets: Readonly<Record<string, readonly string[]>> = {
  observe: ["observe.cedar"],
  baseline: ["baseline.cedar"],
  restricted: ["baseline.cedar", "restricted.cedar"],
};

/** Where the shipped sets and their schema lie: beside src, and beside dist in the package. */
export const shippedFolder: string = fileURLToPath(new URL("../../policies", import.meta.url));

/** @throws PlimsollError POLICY_INVALID */
export async function readSchemaText(folder: string = shippedFolder): Promise<string> {
  return (await readSource(join(folder, "plimsoll.cedarschema"), folder)).text;
}

const extension = ".cedar";
/** Far beyond any policy; a device or a log given by mistake stops here. */
const maxBytes = 1024 * 1024;

/**
 * @param sets names of shipped sets, paths of .cedar files, paths of folders
 * @param folder where the shipped sets lie
 * @param more sets that are in no file
 */
export function policyFiles(
  sets: readonly string[],
  folder: string = shippedFolder,
  more: readonly PolicySource[] = [],
): PolicyFiles {
  return {
    async read() {
      const files = await Promise.all(sets.map((set) => filesOf(set, folder)));
      const read = [...new Set(files.flat())].map((path) => readSource(path, folder));
      return [...(await Promise.all(read)), ...more.map((source) => ({ ...source, path: "" }))];
    },
    watch(changed) {
      const folders = new Set(sets.flatMap((set) => foldersOf(set, folder)));
      const watchers = [...folders].flatMap((path) => watchFolder(path, changed));
      return { close: () => watchers.forEach((watcher) => void watcher.close()) };
    },
  };
}

async function filesOf(set: string, folder: string): Promise<readonly string[]> {
  if (Object.hasOwn(shippedSets, set)) return (shippedSets[set] ?? []).map((file) => join(folder, file));
  const path = resolve(set);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    (cause) => {
      throw missing(set, cause);
    },
  );
  if (!isFolder) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith(extension)).sort();
  if (names.length === 0) throw missing(set, new Error(`no ${extension} file in it`));
  return names.map((name) => join(path, name));
}

/** Files of the shipped folder are told by a short name, the same on every host: `policies/baseline.cedar`. */
async function readSource(path: string, folder: string): Promise<ReadSource> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await readPolicyFile(path));
    const isShipped = folder === shippedFolder && dirname(path) === shippedFolder;
    const file = isShipped ? `policies/${basename(path)}` : path;
    return { name: basename(path, extension), file, path, text };
  } catch (cause) {
    throw missing(path, cause);
  }
}

/** A policy that everybody may write is nobody's policy. */
async function readPolicyFile(path: string): Promise<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK); // does not wait for a named pipe
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error("not a regular file");
    if (found.size > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
    if ((found.mode & 0o002) !== 0) throw new Error("everybody may write it");
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Folders, not files: editors and configuration tools replace a file by renaming another over it. */
function foldersOf(set: string, folder: string): readonly string[] {
  if (Object.hasOwn(shippedSets, set)) return [folder];
  const path = resolve(set);
  return path.endsWith(extension) ? [dirname(path)] : [path, dirname(path)];
}

function watchFolder(path: string, changed: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(path, { persistent: false }, changed);
    watcher.on("error", changed); // the folder went away: the reload says so
    return [watcher];
  } catch {
    return []; // reading the same path reports it
  }
}

function missing(what: string, cause: unknown): PlimsollError {
  return new PlimsollError("POLICY_INVALID", `policy set ${what} cannot be read: ${errorText(cause)}`, {
    hint: `name ${Object.keys(shippedSets).join(", ")}, a ${extension} file or a folder of them`,
    cause,
  });
}
