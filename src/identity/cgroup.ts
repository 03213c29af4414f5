// Which container a process lives in, from the control groups it is in. Docker, containerd and Podman name the group
// after the container's 64-digit id: `/docker/ID`, `/system.slice/docker-ID.scope`, `/machine.slice/libpod-ID.scope/container`.
// Source: cgroups(7), "/proc/[pid]/cgroup"; moby oci defaults and runc's cgroup drivers for the names.

import { statSync } from "node:fs";
import { join } from "node:path";

export type ContainerMembership =
  | { readonly kind: "host" }
  | { readonly kind: "container"; readonly id: string; readonly places: readonly CgroupPlace[] }
  /** Lines contradict each other or cannot be read. */
  | { readonly kind: "unclear"; readonly why: string };

/** One line that names the container: its hierarchy, and the group that holds the container's group. */
export type CgroupPlace = { readonly hierarchy: string; readonly parent: string };

/** The outermost container counts: an engine inside a container is a stranger to ours. */
export function parseCgroups(text: string): ContainerMembership {
  const lines = text.split("\n").filter((line) => line !== "");
  if (lines.length === 0) return { kind: "unclear", why: "it is in no control group" };
  const places: CgroupPlace[] = [];
  const ids = new Set<string>();
  for (const line of lines) {
    const [, hierarchy, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (hierarchy === undefined || path === undefined)
      return { kind: "unclear", why: "a control group line is malformed" };
    if (path.endsWith(" (deleted)")) return { kind: "unclear", why: "its control group has been removed" };
    const segments = path.split("/");
    const index = segments.findIndex((segment) => containerId(segment) !== undefined);
    if (index === -1) continue;
    ids.add(containerId(segments[index] ?? "") ?? "");
    places.push({ hierarchy, parent: segments.slice(0, index).join("/") || "/" });
  }
  const [id, another] = ids;
  if (another !== undefined) return { kind: "unclear", why: "its control groups name two containers" };
  return id === undefined ? { kind: "host" } : { kind: "container", id, places };
}

/**
 * A user who was given a part of the control group tree can make a group with any name in it, the id of another's
 * container included. Only what root (or we ourselves) may create is believed.
 */
export function isTrustedPlace(place: CgroupPlace, ownUid: number, root: string = "/sys/fs/cgroup"): boolean {
  return hierarchyFolders(place.hierarchy, root).some((folder) => {
    const found = statSync(join(folder, place.parent), { throwIfNoEntry: false });
    if (found === undefined || !found.isDirectory()) return false;
    return (found.uid === 0 || found.uid === ownUid) && (found.mode & 0o022) === 0;
  });
}

function containerId(segment: string): string | undefined {
  return /^(?:[a-z][a-z0-9-]*-)?([0-9a-f]{64})(?:\.scope)?$/.exec(segment)?.[1];
}

/** Where systemd and everybody else mounts a hierarchy: v2 has no name, a named v1 hierarchy is `name=systemd`. */
function hierarchyFolders(hierarchy: string, root: string): readonly string[] {
  if (hierarchy === "") return [join(root, "unified"), root];
  return [join(root, hierarchy.replace(/^name=/, ""))];
}
