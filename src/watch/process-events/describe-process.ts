// Who a process is, as /proc tells while it lives. Source: proc_pid_stat(5), proc_pid_status(5), proc_pid_cgroup(5), namespaces(7).

import { readFileSync, statfsSync, statSync } from "node:fs";
import type { FileOrigin, ProcessFacts } from "../../model/watch.ts";
import type { Hierarchy } from "../containers/hierarchy.ts";
import { layersOf, readMountsOf } from "../kernel/overlay-layers.ts";
import { readProcess } from "../process-tree/read-process.ts";

export type Described = {
  readonly facts: ProcessFacts;
  readonly path: string;
  readonly argv: readonly string[];
};

/** Who did it is not known. */
export const nobody: ProcessFacts = {
  ...{ pid: 0, threadId: 0, parentPid: 0, containerPid: 0, startedAt: 0, uid: 0, name: "", mountNamespace: 0 },
};

/** Source: Linux include/uapi/linux/magic.h */
const TMPFS_MAGIC = 0x0102_1994;
const OVERLAYFS_MAGIC = 0x794c_7630;

/** @returns undefined when it is gone */
export function describeProcess(pid: number): Described | undefined {
  const found = readProcess(pid);
  const status = read(`/proc/${pid}/status`);
  const mountNamespace = inodeOf(`/proc/${pid}/ns/mnt`);
  if (found === undefined || status === "" || mountNamespace === undefined) return undefined;
  const numbers = (field: string): readonly number[] =>
    (new RegExp(`^${field}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "").split(/\s+/).map(Number);
  return {
    facts: {
      ...{ pid, threadId: pid, mountNamespace },
      parentPid: found.parentPid,
      containerPid: numbers("NSpid").at(-1) ?? pid,
      startedAt: found.startedAt,
      uid: numbers("Uid")[1] ?? -1,
      name: found.name,
    },
    path: found.path,
    argv: found.argv,
  };
}

/** The group that names its container, from the root of the hierarchy; "" when it is gone. */
export function groupPathOf(pid: number, { version, controller }: Hierarchy): string {
  for (const line of read(`/proc/${pid}/cgroup`).split("\n")) {
    const [number, controllers = "", ...path] = line.split(":");
    const isIt = version === 2 ? number === "0" : controllers.split(",").includes(controller ?? "");
    // A group's name may have a colon; one that was removed has this behind it.
    if (isIt) return path.join(":").replace(/ \(deleted\)$/, "");
  }
  return "";
}

/** Where the program of a process comes from. @returns undefined when nobody can tell */
export function originOf(pid: number, path: string): FileOrigin | undefined {
  const program = `/proc/${pid}/exe`;
  try {
    const isUnlinked = statSync(program).nlink === 0;
    const { type } = statfsSync(program);
    const name = isUnlinked ? path.replace(/ \(deleted\)$/, "") : path;
    const layers = type === OVERLAYFS_MAGIC ? layersOf(readMountsOf(pid), name) : undefined;
    // What lies in no layer of the image can only be the container's own.
    const isNew = layers !== undefined && layers.lower === undefined;
    return { isNew, isCopied: layers?.isCopied === true, isMemory: type === TMPFS_MAGIC, isUnlinked };
  } catch {
    return undefined; // it is gone
  }
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // gone
  }
}
