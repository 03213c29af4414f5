// Which container a process is in, asked of /proc each time, and which containers' groups are there: the process connector
// tells of neither. A group is noticed with the first process that is seen in it, and missed within a second.

import { statSync } from "node:fs";
import { join } from "node:path";
import type { ContainerPlace } from "../../model/watch.ts";
import type { ContainerIndex } from "../containers/container-index.ts";
import { readContainerName } from "../containers/container-name.ts";
import type { Hierarchy } from "../containers/hierarchy.ts";
import { groupPathOf } from "./describe-process.ts";

export interface ContainerGroups {
  /** @returns 0 when it is in none, or gone */
  groupOf(pid: number): number;
  /** Looks for groups that came unnoticed, and for those that are gone. */
  look(): void;
}

export type ContainerGroupsOptions = {
  readonly hierarchy: Hierarchy;
  readonly index: ContainerIndex;
  readonly made: (cgroupId: number, place: ContainerPlace) => void;
  readonly gone: (cgroupId: number, place: ContainerPlace) => void;
};

export function createContainerGroups({ hierarchy, index, made, gone }: ContainerGroupsOptions): ContainerGroups {
  /** Their folders, by number. */
  const living = new Map<number, string>();
  const pathOf = (cgroupId: number): string => join(hierarchy.folder, index.find(cgroupId)?.cgroupPath ?? "");
  const note = (cgroupId: number, place: ContainerPlace): void => {
    if (cgroupId === place.topCgroupId) living.set(cgroupId, pathOf(cgroupId));
  };
  const readTree = (): void => {
    for (const { cgroupId, place } of index.readTree()) {
      note(cgroupId, place);
      made(cgroupId, place);
    }
  };
  // Those that were there before.
  for (const { cgroupId, place } of index.readTree()) note(cgroupId, place);
  return {
    groupOf(pid) {
      const path = groupPathOf(pid, hierarchy);
      if (!path.split("/").some((name) => readContainerName(name) !== undefined)) return 0;
      const cgroupId = inodeOf(join(hierarchy.folder, path));
      if (cgroupId === undefined) return 0;
      if (index.find(cgroupId) === undefined) readTree();
      return index.find(cgroupId) === undefined ? 0 : cgroupId;
    },
    look() {
      readTree();
      for (const [cgroupId, folder] of living) {
        if (inodeOf(folder) === cgroupId) continue;
        living.delete(cgroupId);
        const place = index.find(cgroupId);
        if (place === undefined) continue;
        gone(cgroupId, place);
        for (const inner of index.groupsOf(place.id))
          if (index.find(inner)?.topCgroupId === cgroupId) index.gone(inner);
      }
    },
  };
}

function inodeOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino;
}
