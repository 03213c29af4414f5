// Waits until what a process does beside its work is done: the gate reads every new image in a process of its own, and the
// engine hands that image out meanwhile. It happens once for an image, so that no measurement should run into it.

import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const lookEveryMs = 1000;
const longestMs = 300_000;
/** Ticks of 10 ms in one look that count as nothing. */
const idleTicks = 3;
/** So many looks in a row. */
const idleLooks = 3;

/** @throws Error when the children of the process are still at work after five minutes */
export async function untilChildrenRest(pid: number): Promise<void> {
  let before = await ticksOfChildren(pid);
  for (let idle = 0, waitedMs = 0; idle < idleLooks; waitedMs += lookEveryMs) {
    if (waitedMs > longestMs) throw new Error(`the children of process ${pid} do not come to rest`);
    await sleep(lookEveryMs);
    const now = await ticksOfChildren(pid);
    idle = now - before <= idleTicks ? idle + 1 : 0;
    before = now;
  }
}

async function ticksOfChildren(pid: number): Promise<number> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(names.map((name) => readFile(`/proc/${name}/stat`, "utf8").catch(() => "")));
  // The name of the program stands in parentheses and may hold anything.
  const fields = stats.map((stat) => stat.slice(stat.lastIndexOf(")") + 2).split(" "));
  const own = fields.filter(([, parent]) => Number(parent) === pid);
  return own.reduce((sum, { 11: user, 12: system }) => sum + Number(user) + Number(system), 0);
}
