// Control groups -> containers: read once from the tree, then kept by what the kernel tells. A number of a group is never
// used again, so an event can be late but never counts for another container.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ContainerPlace } from "../../model/watch.ts";
import { readContainerName } from "./container-name.ts";
import type { Hierarchy } from "./hierarchy.ts";

export type FoundGroup = { readonly cgroupId: number; readonly place: ContainerPlace };

export interface ContainerIndex {
  find(cgroupId: number): ContainerPlace | undefined;
  /** It has a group, or had one a moment ago, whoever made it. */
  has(containerId: string): boolean;
  /** The groups of a container that is there now; only those that root made. */
  groupsOf(containerId: string): readonly number[];
  /** Looks through the whole tree. @returns the groups that were not known */
  readTree(): readonly FoundGroup[];
  /** @param uid who made it */
  made(cgroupId: number, topCgroupId: number, cgroupPath: string, uid: number): void;
  gone(cgroupId: number): void;
}

/** Events of a group may still be on their way when it is gone. */
const keptGone = 4096;
const deepest = 16;
const mostGroups = 100_000;

export function createContainerIndex(hierarchy: Hierarchy): ContainerIndex {
  const places = new Map<number, ContainerPlace>();
  const groups = new Map<string, Set<number>>();
  const gone: number[] = [];
  const add = (cgroupId: number, place: ContainerPlace): void => {
    places.set(cgroupId, place);
    if (place.madeBy !== undefined) return;
    const known = groups.get(place.id);
    if (known === undefined) groups.set(place.id, new Set([cgroupId]));
    else known.add(cgroupId);
  };
  return {
    find: (cgroupId) => places.get(cgroupId),
    has: (containerId) => groups.has(containerId) || [...places.values()].some(({ id }) => id === containerId),
    groupsOf: (containerId) => [...(groups.get(containerId) ?? [])],
    readTree() {
      const found = walk(hierarchy.folder).filter((group) => !places.has(group.cgroupId));
      for (const group of found) add(group.cgroupId, group.place);
      return found;
    },
    made(cgroupId, topCgroupId, cgroupPath, uid) {
      const place = places.get(topCgroupId) ?? placeOf(cgroupPath, topCgroupId, uid);
      if (place !== undefined) add(cgroupId, place);
    },
    gone(cgroupId) {
      const place = places.get(cgroupId);
      if (place === undefined) return;
      const known = groups.get(place.id);
      known?.delete(cgroupId);
      if (known?.size === 0) groups.delete(place.id);
      gone.push(cgroupId);
      if (gone.length > keptGone) places.delete(gone.shift() ?? 0);
    },
  };
}

/** @param path `/docker/ID` or `/docker/ID/init`: the outermost name counts */
function placeOf(path: string, topCgroupId: number, uid: number): ContainerPlace | undefined {
  const segments = path.split("/");
  for (const [index, segment] of segments.entries()) {
    const name = readContainerName(segment);
    if (name === undefined) continue;
    const cgroupPath = segments.slice(0, index + 1).join("/");
    return { ...name, topCgroupId, cgroupPath, ...(uid === 0 ? {} : { madeBy: uid }) };
  }
  return undefined;
}

function walk(root: string): readonly FoundGroup[] {
  const found: FoundGroup[] = [];
  const visit = (path: string, outer: ContainerPlace | undefined, depth: number): void => {
    if (depth > deepest || found.length > mostGroups) return;
    for (const entry of readFolders(join(root, path))) {
      const inner = `${path}/${entry}`;
      const group = statSync(join(root, inner), { throwIfNoEntry: false });
      if (group === undefined) continue;
      const cgroupId = group.ino;
      // Whoever owns the folder around it can make groups there, whoever owns this one now.
      const uid = Math.max(group.uid, statSync(join(root, path), { throwIfNoEntry: false })?.uid ?? 0);
      const place = outer ?? placeOf(`/${entry}`, cgroupId, uid);
      const whole = place === undefined || place === outer ? place : { ...place, cgroupPath: inner };
      if (whole !== undefined) found.push({ cgroupId, place: whole });
      visit(inner, whole, depth + 1);
    }
  };
  visit("", undefined, 0);
  return found;
}

function readFolders(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return []; // gone meanwhile
  }
}
