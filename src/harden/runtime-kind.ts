// What each kind of OCI runtime keeps apart, and what it therefore hides from a sensor in the host's kernel.

export type RuntimeKind = {
  readonly isolation: "namespaces" | "user-space kernel" | "virtual machine" | "unknown";
  /** What the watch does not see, one clause; "" when it sees all. */
  readonly blind: string;
};

const namespaces: RuntimeKind = { isolation: "namespaces", blind: "" };
const userSpaceKernel: RuntimeKind = {
  isolation: "user-space kernel",
  blind: "the watch sees the sandbox, not the system calls inside it",
};
const virtualMachine: RuntimeKind = {
  isolation: "virtual machine",
  blind: "the watch sees the virtual machine, not the processes inside it",
};
const unknown: RuntimeKind = { isolation: "unknown", blind: "what this runtime hides from the watch is not known" };

/** @param name as engines name runtimes: `runc`, `io.containerd.runsc.v1`, `kata-runtime` */
export function runtimeKind(name: string): RuntimeKind {
  const [, inner = name] = /^io\.containerd\.([\w-]+)\.v\d+$/.exec(name) ?? [];
  if (/^(?:runc|crun|youki)$/.test(inner)) return namespaces;
  if (/^(?:runsc|gvisor)(?:-[\w-]+)?$/.test(inner)) return userSpaceKernel;
  return /^kata(?:-[\w-]+)?$/.test(inner) ? virtualMachine : unknown;
}
