// What of an engine's data no container may write, where it is mounted. Layers, volumes and the few files of a container (hosts,
// resolv.conf) lie there as well, and those are the containers' own: writing them is no change of the host.

import { type FSWatcher, readdirSync, watch } from "node:fs";
import { join } from "node:path";

/** Of Docker, containerd and Podman: drivers for layers, volumes, and files that are mounted into each container. */
const ofContainers = new Set([
  ...["overlay2", "overlay", "fuse-overlayfs", "vfs", "btrfs", "zfs", "aufs", "devicemapper", "volumes", "containers"],
  ...["overlay-containers", "vfs-containers", "rootfs", "containerd"],
]);
const isSnapshots = (name: string): boolean => name.startsWith("io.containerd.");
/** Also where nobody tells of new folders: on file systems without inotify, or when the data root itself is made anew. */
const lookEveryMs = 5_000;
/** Whoever makes one folder often makes more. */
const settleMs = 20;

export interface EngineFolders {
  /** Those of now. */
  paths(): readonly string[];
  close(): void;
}

/**
 * Engines make folders when they need them (`swarm`, `plugins`, a driver's): each is protected from the moment that it is there.
 * @param paths the engine's data root, "" when it says none, and others as they are
 * @param onNew hears of folders that were not there before
 */
export function openEngineFolders(
  [dataRoot = "", ...others]: readonly string[],
  onNew: (added: readonly string[]) => void,
): EngineFolders {
  if (dataRoot === "") return { paths: () => others, close: () => undefined };
  let known = foldersOf(dataRoot);
  let watcher = watchFolder(dataRoot, () => lookSoon());
  let soon: NodeJS.Timeout | undefined;
  const look = (): void => {
    soon = undefined;
    watcher ??= watchFolder(dataRoot, () => lookSoon());
    const found = foldersOf(dataRoot);
    const added = found.filter((path) => !known.includes(path));
    known = found;
    if (added.length > 0) onNew(added);
  };
  const lookSoon = (): void => {
    soon ??= setTimeout(look, settleMs);
  };
  const looking = setInterval(look, lookEveryMs).unref();
  return {
    paths: () => [...known, ...others],
    close() {
      clearInterval(looking);
      clearTimeout(soon);
      watcher?.close();
    },
  };
}

/** @returns undefined while it is not there */
function watchFolder(folder: string, then: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, then);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

function foldersOf(dataRoot: string): readonly string[] {
  try {
    return readdirSync(dataRoot, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !ofContainers.has(entry.name) && !isSnapshots(entry.name))
      .map(({ name }) => join(dataRoot, name));
  } catch {
    return [dataRoot]; // not there yet, or not ours to see
  }
}
