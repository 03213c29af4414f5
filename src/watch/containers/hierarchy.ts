// The control group hierarchy that tells which container a task is in: version 2 wherever there is one, pure or beside
// version 1 (hybrid: runc and crun make the group there too); else a version 1 hierarchy.
// Source: cgroups(7), "/proc/[pid]/cgroup" and "/proc/cgroups"; proc(5), mountinfo.

import { readFileSync } from "node:fs";
import { PlimsollError } from "../../base/errors.ts";

export type Hierarchy = {
  readonly version: 1 | 2;
  /** Where its root is mounted. */
  readonly folder: string;
  /** The kernel's number; 0 is version 2. */
  readonly id: number;
  readonly controller: V1Controller | undefined;
};

/** Controllers of version 1 that every runtime puts a container into, most used first; `probes/subject.bpf.h` knows them. */
const candidates = ["pids", "memory", "cpu", "devices"] as const;
export type V1Controller = (typeof candidates)[number];

/** @param wanted `2`, or the name of a version 1 controller; default: the best there is @throws PlimsollError NEED_MISSING */
export function findHierarchy(wanted?: V1Controller | "2", proc: string = "/proc"): Hierarchy {
  const mounts = readMounts(`${proc}/self/mountinfo`);
  const unified = mounts.find((mount) => mount.type === "cgroup2" && mount.root === "/");
  if (unified !== undefined && (wanted === undefined || wanted === "2")) {
    return { version: 2, folder: unified.folder, id: 0, controller: undefined };
  }
  for (const name of candidates) {
    if (wanted !== undefined && wanted !== name) continue;
    const mount = mounts.find(({ type, options }) => type === "cgroup" && options.includes(name));
    const id = readHierarchyId(`${proc}/cgroups`, name);
    if (mount !== undefined && id !== 0) return { version: 1, folder: mount.folder, id, controller: name };
  }
  throw new PlimsollError("NEED_MISSING", "no control group hierarchy is mounted that names containers", {
    hint: "mount cgroup version 2: mount -t cgroup2 none /sys/fs/cgroup",
  });
}

type Mount = {
  readonly type: string;
  readonly root: string;
  readonly folder: string;
  readonly options: readonly string[];
};

function readMounts(path: string): readonly Mount[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root, folder] = before.split(" ");
    const [type, , options] = after.split(" ");
    if (root === undefined || folder === undefined || type === undefined) return [];
    return [{ type, root, folder: unescapePath(folder), options: (options ?? "").split(",") }];
  });
}

/** The kernel writes blanks in paths as `\040`. */
function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** @returns 0 when the controller is of version 2, or off */
function readHierarchyId(path: string, controller: string): number {
  const row = readFileSync(path, "utf8")
    .split("\n")
    .find((line) => line.startsWith(`${controller}\t`));
  return Number(row?.split("\t")[1] ?? 0);
}
