// The shape of an event in the ring, as probes/event.bpf.h lays it out.

import type { KernelEventKind, KernelVerdict, Protection } from "../../model/watch.ts";

/** In the order of `enum kind`, from 1. */
export const eventKinds: readonly KernelEventKind[] = [
  "exec",
  "fork",
  "exit",
  "open",
  "create",
  "chmod",
  "rename",
  "link",
  "unlink",
  "map-executable",
  "memory",
  "mount",
  "unshare",
  "setns",
  "set-user",
  "bpf",
  "module",
  "io-uring",
  "keyctl",
  "userfaultfd",
  "socket",
  "connect",
  "bind",
  "listen",
  "send",
  "cgroup-made",
  "cgroup-gone",
  "cgroup-left",
];

/** In the order of `enum verdict`, from 0. */
export const verdicts: readonly KernelVerdict[] = ["seen", "denied", "killed"];

/** Bytes before the path. */
export const headBytes = 128;
export const pathRoom = 512 + 256;

/** Offsets of `struct event`, in bytes. */
export const at = {
  kind: 0,
  verdict: 1,
  protection: 2,
  flags: 3,
  pid: 4,
  time: 8,
  cgroup: 16,
  started: 24,
  thread: 32,
  parent: 36,
  containerPid: 40,
  uid: 44,
  mountNamespace: 48,
  targetPid: 52,
  targetCgroup: 56,
  a: 64,
  b: 72,
  origin: 80,
  c: 84,
  port: 88,
  pathLength: 90,
  argvLength: 92,
  family: 94,
  call: 95,
  address: 96,
  name: 112,
} as const;

export const flag = {
  cut: 1,
  reversed: 2,
  detached: 4,
  compat: 8,
  pathCut: 16,
  base: 32,
  device: 64,
  changed: 128,
} as const;
export const origin = { overlay: 1, upper: 2, lower: 4, unlinked: 8, memory: 16, changed: 32 } as const;

export function kindNumber(kind: KernelEventKind): number {
  return eventKinds.indexOf(kind) + 1;
}

/** In the order of `enum protection`, which is that of the model; 0 is none. */
export function protectionBit(protection: Protection, all: readonly Protection[]): number {
  return 1 << (all.indexOf(protection) + 1);
}
