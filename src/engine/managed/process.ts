// Processes as /proc shows them: alive or not, who they are, and which network they live in.
// Source: proc(5), /proc/pid/stat, /proc/pid/comm, /proc/pid/cmdline.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** False for a process that has ended but was not waited for yet. */
export function isRunning(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything; the state is the first field after the last one.
  const state = stat?.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  return state !== undefined && state !== "Z" && state !== "X";
}

/** Arguments of a process; empty when it is gone or hides them. */
export function commandLine(pid: number): readonly string[] {
  return (read(`/proc/${pid}/cmdline`) ?? "").split("\0").slice(0, -1);
}

export function processesNamed(name: string): readonly number[] {
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return pids.map(Number).filter((pid) => read(`/proc/${pid}/comm`)?.trim() === name);
}

export function sharesNetworkWithUs(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync("/proc/self/ns/net");
  } catch {
    return false;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
