// Stops every process of a container in its place, within a millisecond: the freezer of its control group.
// Source: kernel Documentation/admin-guide/cgroup-v2.rst, "cgroup.freeze"; cgroup-v1/freezer-subsystem.rst.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerPlace } from "../model/watch.ts";

type Mounts = { readonly v1Freezer: string | undefined; readonly v2: string | undefined };

/** @throws Error when this container's group has no freezer */
export function freezeContainer(place: ContainerPlace): void {
  write(place, { v1: "FROZEN", v2: "1" });
}

export function thawContainer(place: ContainerPlace): void {
  write(place, { v1: "THAWED", v2: "0" });
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

function write(place: ContainerPlace, words: { readonly v1: string; readonly v2: string }): void {
  const { v1Freezer, v2 } = mounts();
  const candidates = [
    { mount: v1Freezer, file: "freezer.state", word: words.v1 },
    { mount: v2, file: "cgroup.freeze", word: words.v2 },
  ];
  for (const { mount, file, word } of candidates) {
    const path = mount === undefined ? "" : join(mount, place.cgroupPath, file);
    if (path === "" || !isOwn(place) || !existsSync(path)) continue;
    writeFileSync(path, word);
    return;
  }
  throw new Error(`${place.cgroupPath} has no freezer`);
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
