// What runs in containers now, as the host's own tables say: after a time in which nobody looked it is all that can be known.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ContainerPlace } from "../../model/watch.ts";
import type { RunningContainer, StartedProcess } from "../../model/watch-store.ts";
import { readContainerName } from "../containers/container-name.ts";
import { findHierarchy } from "../containers/hierarchy.ts";
import { groupPathOf } from "../process-events/describe-process.ts";
import { readProcess } from "../process-tree/read-process.ts";

export type WhatRuns = {
  readonly containers: readonly RunningContainer[];
  /** Those that began since then, the first ones. */
  readonly processes: readonly StartedProcess[];
  /** How many there were in all. */
  readonly processCount: number;
};

const mostProcesses = 64;
const mostContainers = 16_384;
/** /proc counts a start in hundredths of a second, and so does the clock since the boot. */
const toleranceMs = 20;

/** @param sinceMs since 1970: processes that began earlier are only counted for their container */
export function whatRuns(placeOf: (cgroupId: number) => ContainerPlace | undefined, sinceMs: number): WhatRuns {
  const bootMs = Date.now() - Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
  const hierarchy = findHierarchy();
  const containers = new Map<string, number>();
  const processes: StartedProcess[] = [];
  let processCount = 0;
  for (const pid of readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    const path = groupPathOf(pid, hierarchy);
    if (!path.split("/").some((name) => readContainerName(name) !== undefined)) continue;
    const cgroupId = statSync(join(hierarchy.folder, path), { throwIfNoEntry: false })?.ino;
    const place = cgroupId === undefined ? undefined : placeOf(cgroupId);
    const found = place === undefined ? undefined : readProcess(pid);
    if (place === undefined || found === undefined) continue;
    const startedMs = bootMs + found.startedAt / 1e6;
    if (containers.size < mostContainers || containers.has(place.id)) {
      containers.set(place.id, Math.min(startedMs, containers.get(place.id) ?? Number.POSITIVE_INFINITY));
    }
    if (startedMs < sinceMs - toleranceMs) continue;
    processCount++;
    const startedAt = new Date(startedMs).toISOString();
    if (processes.length < mostProcesses) processes.push({ containerId: place.id, pid, path: found.path, startedAt });
  }
  return { containers: [...containers].map(toContainer), processes, processCount };
}

function toContainer([id, startedMs]: readonly [string, number]): RunningContainer {
  return { id, startedAt: new Date(startedMs).toISOString() };
}
