// What /proc says of a process that nobody saw starting. Whatever is missing or gone reads as "not there".
// Source: proc_pid_stat(5), fields 4 (ppid) and 22 (starttime, in clock ticks of a hundredth of a second).

import { readFileSync, readlinkSync } from "node:fs";
import type { FoundProcess } from "./process-tree.ts";

const tickNs = 10_000_000;
const maxArgumentBytes = 4096;

export function readProcess(pid: number): FoundProcess | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // A name may hold spaces and brackets: the numbers begin after its last bracket.
  const open = stat.indexOf("(");
  const close = stat.lastIndexOf(")");
  const numbers = stat.slice(close + 2).split(" ");
  const parentPid = Number(numbers[1]);
  const startedAt = Number(numbers[19]) * tickNs;
  if (open < 0 || !Number.isSafeInteger(parentPid) || !Number.isSafeInteger(startedAt)) return undefined;
  const argv = read(`/proc/${pid}/cmdline`).slice(0, maxArgumentBytes).split("\0").slice(0, -1);
  const containerId = /[/-]([0-9a-f]{64})(?:[./\n]|$)/.exec(read(`/proc/${pid}/cgroup`))?.[1] ?? "";
  return { startedAt, parentPid, name: stat.slice(open + 1, close), path: link(`/proc/${pid}/exe`), argv, containerId };
}

/** What a descriptor of a process is open on: `socket:[4711]`, `/dev/null`; "" when nobody can tell. */
export function readDescriptor(pid: number, fd: number): string {
  return link(`/proc/${pid}/fd/${fd}`);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // gone, or not ours to read: the caller cannot tell either
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}
