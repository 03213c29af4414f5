// The processes of a container, and which networks they are in.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const deepest = 16;
const mostProcesses = 10_000;

/** Of a container and of the groups that it made. */
export function pidsBelow(folder: string, depth = 0): readonly number[] {
  if (depth > deepest) return [];
  try {
    const own = readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
    const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...own, ...inner.flatMap(({ name }) => pidsBelow(join(folder, name), depth + 1))].slice(0, mostProcesses);
  } catch {
    return []; // gone, or a group of threads: its processes are in the group around it
  }
}

/** One process for each of their network namespaces. */
export function onePerNetwork(pids: readonly number[]): readonly number[] {
  const networks = new Map<number, number>();
  for (const pid of pids) {
    const network = inodeOf(`/proc/${pid}/ns/net`);
    if (network !== undefined && !networks.has(network)) networks.set(network, pid);
  }
  return [...networks.values()];
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined; // it is gone
  }
}
