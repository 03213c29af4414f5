// What the kernel of this host offers for keeping containers apart. Read from files only, nothing is tried out.

import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { compareVersions } from "./known-holes.ts";
import type { Feature } from "./report.ts";

/** @param root "/" but for tests */
export function kernelFeatures(root: string = "", kernel: string = release()): readonly Feature[] {
  const read = (path: string): string => readText(`${root}${path}`);
  const modules = read("/sys/kernel/security/lsm").trim().split(",");
  const namespaces = Number(read("/proc/sys/user/max_user_namespaces"));
  return [
    feature(
      "seccomp",
      /\berrno\b/.test(read("/proc/sys/kernel/seccomp/actions_avail")),
      "system calls can be filtered",
    ),
    feature("user namespaces", namespaces > 0, "root of a container need not be root of the host"),
    feature("AppArmor", read("/sys/module/apparmor/parameters/enabled").startsWith("Y"), "profiles for containers"),
    feature("SELinux", existsSync(`${root}/sys/fs/selinux/enforce`), "labels for containers"),
    modules[0] === ""
      ? { name: "BPF LSM", state: "unknown", detail: "/sys/kernel/security is not mounted" }
      : feature("BPF LSM", modules.includes("bpf"), "run-time rules in the kernel"),
    feature("BTF", existsSync(`${root}/sys/kernel/btf/vmlinux`), "sensors that fit every kernel"),
    cgroups(root),
    feature("peer pidfd", compareVersions(kernel, "6.5") >= 0, "callers are held while they are named (Linux 6.5)"),
  ];
}

function feature(name: string, isOn: boolean, detail: string): Feature {
  return { name, state: isOn ? "on" : "off", detail };
}

function cgroups(root: string): Feature {
  const name = "cgroup v2";
  if (existsSync(`${root}/sys/fs/cgroup/cgroup.controllers`)) return { name, state: "on", detail: "unified hierarchy" };
  const isHybrid = existsSync(`${root}/sys/fs/cgroup/unified/cgroup.procs`);
  return { name, state: "off", detail: isHybrid ? "hybrid: controllers are in version 1" : "version 1" };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
