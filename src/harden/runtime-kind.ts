// What each kind of OCI runtime keeps apart, and what it therefore hides from a sensor in the host's kernel. Measured with those
// that can be had (docs/runtimes.md); of virtual machines it is what follows from how they are built.

import type { Protection } from "../model/watch.ts";

export type RuntimeKind = {
  readonly isolation: "namespaces" | "user-space kernel" | "virtual machine" | "unknown";
  /** What the watch does not see, one clause; "" when it sees all. */
  readonly blind: string;
  /**
   * Protections that would stop the runtime itself and see nothing of the container: what runs in the container's control group
   * is a kernel of its own, which mounts, makes namespaces and executes memory as its daily work.
   */
  readonly ownWork: readonly Protection[];
};

const namespaces: RuntimeKind = { isolation: "namespaces", blind: "", ownWork: [] };
const userSpaceKernel: RuntimeKind = {
  isolation: "user-space kernel",
  blind: "the watch sees the sandbox, not the system calls inside it",
  ownWork: ["drift", "escape"],
};
const virtualMachine: RuntimeKind = {
  isolation: "virtual machine",
  blind: "the watch sees the virtual machine, not the processes inside it",
  ownWork: ["drift", "escape"],
};
const unknown: RuntimeKind = {
  isolation: "unknown",
  blind: "what this runtime hides from the watch is not known",
  ownWork: [],
};

/** @param name as engines name runtimes: `runc`, `io.containerd.runsc.v1`, `kata-runtime` */
export function runtimeKind(name: string): RuntimeKind {
  const [, inner = name] = /^io\.containerd\.([\w-]+)\.v\d+$/.exec(name) ?? [];
  if (/^(?:runc|crun|youki)$/.test(inner)) return namespaces;
  if (/^(?:runsc|gvisor)(?:-[\w-]+)?$/.test(inner)) return userSpaceKernel;
  return /^kata(?:-[\w-]+)?$/.test(inner) ? virtualMachine : unknown;
}
