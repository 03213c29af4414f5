// What was running when nobody looked any more, and what came of it.

import type { GapChanges, RunningContainer } from "../../model/watch-store.ts";
import type { WhatRuns } from "./what-runs.ts";

/** @param before the containers that ran when the watch was heard of last @param fromMs since 1970 */
export function compareRuns(before: readonly string[], after: WhatRuns, fromMs: number): GapChanges {
  const now = new Map(after.containers.map((container) => [container.id, container]));
  // The first process of a container that runs on began before: when it began later, the container was started again.
  const isLater = ({ startedAt }: RunningContainer): boolean => Date.parse(startedAt) >= fromMs;
  return {
    ran: before,
    ended: before.filter((id) => !now.has(id)),
    began: after.containers.filter((container) => !before.includes(container.id)),
    restarted: after.containers.filter((container) => before.includes(container.id) && isLater(container)),
    processes: after.processes,
    processCount: after.processCount,
  };
}

/** `2 containers began, 1 ended, 5 processes began` */
export function summarize({ began, ended, restarted, processCount }: GapChanges): string {
  const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;
  const again = restarted.length === 0 ? "" : `, ${restarted.length} started again`;
  const processes = count(processCount, "process", "processes");
  return `${count(began.length, "container", "containers")} began, ${ended.length} ended${again}, ${processes} began`;
}
