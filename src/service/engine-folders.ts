// What of an engine's data no container may write, where it is mounted. Layers, volumes and the few files of a container (hosts,
// resolv.conf) lie there as well, and those are the containers' own: writing them is no change of the host.

import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Of Docker, containerd and Podman: drivers for layers, volumes, and files that are mounted into each container. */
const ofContainers = new Set([
  ...["overlay2", "overlay", "fuse-overlayfs", "vfs", "btrfs", "zfs", "aufs", "devicemapper", "volumes", "containers"],
  ...["overlay-containers", "vfs-containers", "rootfs", "containerd"],
]);
const isSnapshots = (name: string): boolean => name.startsWith("io.containerd.");

/** @param paths the engine's data root, "" when it says none, and others as they are */
export function unwritable([dataRoot = "", ...others]: readonly string[]): readonly string[] {
  return dataRoot === "" ? others : [...foldersOf(dataRoot), ...others];
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
