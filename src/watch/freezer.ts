// Stops every process of a container in its place, within a millisecond: the freezer of its control group.
// Source: kernel Documentation/admin-guide/cgroup-v2.rst, "cgroup.freeze"; cgroup-v1/freezer-subsystem.rst.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerPlace } from "../model/watch.ts";

type Mounts = { readonly v1Freezer: string | undefined; readonly v2: string | undefined };

/** In version 1 a process that was just being made can slip through: the order is given again until all stand still. */
const maxOrders = 200;
const orderEveryMs = 5;

/** @throws Error when this container's group has no freezer, or does not come to rest within a second */
export async function freezeContainer(place: ContainerPlace): Promise<void> {
  const { file, words } = freezerOf(place);
  for (let order = 0; order < maxOrders; order++) {
    writeFileSync(file, words.freeze);
    if (words.isFrozen()) return;
    await sleep(orderEveryMs);
  }
  throw new Error(`${place.cgroupPath} does not come to rest`);
}

/** @throws Error when this container's group has no freezer */
export function thawContainer(place: ContainerPlace): void {
  const { file, words } = freezerOf(place);
  writeFileSync(file, words.thaw);
}

/** Pids in the host's numbers. */
export function processesOf(place: ContainerPlace): readonly number[] {
  const { v1Freezer, v2 } = mounts();
  for (const mount of [v2, v1Freezer]) {
    const file = mount === undefined ? "" : join(mount, place.cgroupPath, "cgroup.procs");
    if (file !== "" && existsSync(file)) return readFileSync(file, "utf8").split("\n").filter(Boolean).map(Number);
  }
  return [];
}

type Freezer = {
  readonly file: string;
  readonly words: { readonly freeze: string; readonly thaw: string; readonly isFrozen: () => boolean };
};

function freezerOf(place: ContainerPlace): Freezer {
  const { v1Freezer, v2 } = mounts();
  if (!isOwn(place)) throw new Error(`${place.cgroupPath} has no freezer of its own`);
  const old = v1Freezer === undefined ? "" : join(v1Freezer, place.cgroupPath, "freezer.state");
  if (old !== "" && existsSync(old)) {
    const isFrozen = () => readFileSync(old, "utf8").trim() === "FROZEN";
    return { file: old, words: { freeze: "FROZEN", thaw: "THAWED", isFrozen } };
  }
  const group = v2 === undefined ? "" : join(v2, place.cgroupPath);
  const file = join(group, "cgroup.freeze");
  if (group === "" || !existsSync(file)) throw new Error(`${place.cgroupPath} has no freezer`);
  const isFrozen = () => /^frozen 1$/m.test(readFileSync(join(group, "cgroup.events"), "utf8"));
  return { file, words: { freeze: "1", thaw: "0", isFrozen } };
}

/** Never a group that holds more than this container: `/` would be the whole host. */
function isOwn({ id, cgroupPath }: ContainerPlace): boolean {
  const last = cgroupPath.split("/").at(-1) ?? "";
  return id !== "" && last.includes(id) && !cgroupPath.includes("/../");
}

/** Source: proc_pid_mountinfo(5): the mount point is field 5, the type stands after ` - `, options last. */
function mounts(): Mounts {
  let v1Freezer: string | undefined;
  let v2: string | undefined;
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const [front = "", back = ""] = line.split(" - ");
    const [type, , options = ""] = back.split(" ");
    const point = front.split(" ")[4];
    if (type === "cgroup2") v2 ??= point;
    if (type === "cgroup" && options.split(",").includes("freezer")) v1Freezer ??= point;
  }
  return { v1Freezer, v2 };
}
