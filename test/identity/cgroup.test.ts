// Which container a process lives in, from the text of /proc/PID/cgroup as the engines and drivers write it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCgroups } from "../../src/identity/cgroup.ts";

const a = "a".repeat(64);
const b = "b".repeat(64);

function membership(...lines: readonly string[]): string {
  const found = parseCgroups(`${lines.join("\n")}\n`);
  return found.kind === "container" ? found.id : found.kind;
}

test("docker and podman are recognized with every driver and version of control groups", () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    "docker, v1, cgroupfs": [`12:pids:/docker/${a}`, `1:name=systemd:/docker/${a}`],
    "docker, v1, systemd": [`4:memory:/system.slice/docker-${a}.scope`],
    "docker, v2, systemd": [`0::/system.slice/docker-${a}.scope`],
    "docker, v2, cgroupfs": [`0::/docker/${a}`],
    "docker, hybrid, some hierarchies empty": [
      "9:name=systemd:/",
      `8:pids:/docker/${a}`,
      `0::/docker/${a}`,
      "3:cpuset:/",
    ],
    "docker, own cgroup parent": [`0::/team/web/${a}`],
    "docker, systemd inside": [`0::/docker/${a}/init.scope`],
    "rootless docker": [`0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${a}.scope`],
    "podman, systemd": [`0::/machine.slice/libpod-${a}.scope/container`],
    "podman, cgroupfs": [`11:memory:/libpod_parent/libpod-${a}`],
    "podman, split": [`0::/system.slice/web.service/libpod-payload-${a}`],
    "containerd for Kubernetes": [`0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${a}.scope`],
    "an engine in a container: the outer one counts": [`0::/docker/${a}/docker/${b}`],
  };
  assert.deepEqual(
    Object.entries(cases).filter(([, lines]) => membership(...lines) !== a),
    [],
  );
});

test("processes of the host live in no container", () => {
  assert.deepEqual(
    [
      membership("0::/"),
      membership("0::/user.slice/user-1000.slice/session-3.scope"),
      membership("4:memory:/process_api/263d8a49ced216d021d8b8b7c6e791df", "0::/"),
      membership(`0::/system.slice/docker-${"a".repeat(63)}.scope`),
      membership(`0::/system.slice/docker-${"A".repeat(64)}.scope`),
      membership(`0::/system.slice/${a}0`),
    ],
    ["host", "host", "host", "host", "host", "host"],
  );
});

test("what contradicts itself, is gone or cannot be read is unclear, never the host", () => {
  assert.deepEqual(
    [
      membership(`2:pids:/docker/${a}`, `1:memory:/docker/${b}`),
      membership("0::/docker/x (deleted)"),
      membership("nonsense"),
      membership("0::relative"),
      membership(""),
    ],
    ["unclear", "unclear", "unclear", "unclear", "unclear"],
  );
});
