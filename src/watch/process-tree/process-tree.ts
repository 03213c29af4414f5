// Who started whom, as far back as an alert has to tell. A pid alone names nobody: it is used again within seconds on a busy
// host, so a process is its pid with the moment that it started.

import type { KernelEvent } from "../../model/watch.ts";

export type TreeProcess = {
  readonly pid: number;
  /** Nanoseconds since boot. */
  readonly startedAt: number;
  readonly containerPid: number;
  /** Of its container's outermost group. */
  readonly cgroupId: number;
  readonly uid: number;
  readonly name: string;
  /** The program; "" while nobody told. */
  readonly path: string;
  readonly argv: readonly string[];
  readonly parent: TreeProcess | undefined;
  /** It, or one that it comes from, executed a program of the container: the runtime's own steps did not. */
  readonly isInside: boolean;
  readonly hasEnded: boolean;
};

/** What the system itself says of a process that was there before us. */
export type FoundProcess = {
  readonly startedAt: number;
  readonly parentPid: number;
  readonly name: string;
  readonly path: string;
  readonly argv: readonly string[];
  /** 64 hex; "" on the host. */
  readonly containerId: string;
};

/** Of the same container, and not the runtime that made it. */
export function isAncestor(process: TreeProcess, of: TreeProcess): boolean {
  return process.isInside && process.cgroupId === of.cgroupId;
}

export interface ProcessTree {
  /** Learns from the event. @returns who did it */
  see(event: KernelEvent): TreeProcess;
  /** @returns undefined when nobody with this pid lives, as far as is known */
  find(pid: number): TreeProcess | undefined;
  /** Processes held. */
  size(): number;
}

export type ProcessTreeOptions = {
  /** Reads /proc. @returns undefined when there is no such process */
  readonly lookUp: (pid: number) => FoundProcess | undefined;
  /** The outermost group of the container that a group belongs to. */
  readonly groupOf: (cgroupId: number) => number;
  /** The id of the container that a group belongs to; "" for none. */
  readonly containerIdOf?: (cgroupId: number) => string;
  readonly maxProcesses: number;
};

/** From a process to the first of its container: further up nobody reads, and parents that ended are held no longer. */
export const maxAncestors = 32;
/** /proc counts a start in hundredths of a second. */
const tickNs = 10_000_000;
/** Events of one process come from several processors: its end may overtake what it did before. */
const keptEnded = 1024;

type Node = { -readonly [Key in keyof TreeProcess]: TreeProcess[Key] } & { parent: Node | undefined };

export function createProcessTree(options: ProcessTreeOptions): ProcessTree {
  const { lookUp, groupOf, containerIdOf = () => "", maxProcesses } = options;
  const living = new Map<number, Node>();
  const ended: Node[] = [];
  const keep = (node: Node): Node => {
    living.delete(node.pid);
    if (living.size >= maxProcesses) forgetOldest(living);
    living.set(node.pid, node);
    return node;
  };
  const parentOf = (pid: number, cgroupId: number, depth = 0): Node | undefined => {
    const known = living.get(pid);
    if (known !== undefined || pid <= 1 || depth >= maxAncestors) return known;
    const found = lookUp(pid);
    if (found === undefined) return undefined;
    // Only those of its own container: what the engine's processes do is nobody's ancestor.
    const isInside =
      found.containerId !== "" && found.containerId === containerIdOf(cgroupId) && !isRuntimeName(found.name);
    const parent = isInside ? parentOf(found.parentPid, cgroupId, depth + 1) : undefined;
    return keep(toNode(pid, found, { parent, isInside, cgroupId: isInside ? cgroupId : 0 }));
  };
  const end = (node: Node): void => {
    node.hasEnded = true;
    ended.push(node);
    const gone = ended.length > keptEnded ? ended.shift() : undefined;
    if (gone !== undefined && living.get(gone.pid) === gone) living.delete(gone.pid);
  };
  return {
    see(event) {
      const { process } = event;
      const cgroupId = groupOf(event.cgroupId);
      const known = living.get(process.pid);
      const isKnown = known !== undefined && isSame(known, process.startedAt);
      const node = isKnown ? known : keep(fromEvent(event, cgroupId, parentOf(process.parentPid, cgroupId)));
      learn(node, event, cgroupId);
      if (event.kind === "fork" && event.targetPid > 0) keep(childOf(node, event));
      if (event.kind === "exit") end(node);
      return node;
    },
    find: (pid) => living.get(pid),
    size: () => living.size,
  };
}

function isSame(node: Node, startedAt: number): boolean {
  return Math.abs(node.startedAt - startedAt) < tickNs;
}

function forgetOldest(living: Map<number, Node>): void {
  const [oldest] = living.keys();
  if (oldest !== undefined) living.delete(oldest);
}

/** Until it executes something, a process is the program of its parent. */
function fromEvent({ process }: KernelEvent, cgroupId: number, parent: Node | undefined): Node {
  const { pid, startedAt, containerPid, uid, name } = process;
  const { path = "", argv = [] } = parent ?? {};
  cutChain(parent);
  const isInside = parent?.isInside === true && parent.cgroupId === cgroupId;
  return { pid, startedAt, containerPid, cgroupId, uid, name, path, argv, parent, isInside, hasEnded: false };
}

/** A fork is told by who makes the process, with the number and the start of the one that is made. */
function childOf(parent: Node, { targetPid: pid, details }: KernelEvent): Node {
  cutChain(parent);
  const startedAt = numberAt(details, "startedAt");
  const containerPid = numberAt(details, "containerPid");
  return { ...parent, pid, startedAt, containerPid, parent, hasEnded: false };
}

function numberAt(details: KernelEvent["details"], name: string): number {
  const value = details[name];
  return typeof value === "number" ? value : 0;
}

function toNode(pid: number, found: FoundProcess, more: Pick<Node, "parent" | "isInside" | "cgroupId">): Node {
  const { startedAt, name, path, argv } = found;
  return { pid, startedAt, containerPid: 0, uid: -1, name, path, argv, hasEnded: false, ...more };
}

function learn(node: Node, { process, kind, verdict, path, argv }: KernelEvent, cgroupId: number): void {
  node.startedAt = process.startedAt;
  node.cgroupId = cgroupId;
  node.containerPid = process.containerPid;
  node.uid = process.uid;
  node.name = process.name;
  if (kind !== "exec" || verdict === "denied") return;
  node.name = nameOf(process.name, argv);
  node.path = path;
  node.argv = argv;
  node.isInside ||= !isRuntimeName(process.name) && !path.includes("memfd:runc_cloned");
}

/** Started through /proc/self/exe or a descriptor, the kernel has no better name; busybox starts its commands so. */
function nameOf(name: string, [first = ""]: readonly string[]): string {
  const isPlaceholder = name === "exe" || /^\d+$/.test(name);
  return isPlaceholder ? first.slice(first.lastIndexOf("/") + 1).slice(0, 15) || name : name;
}

/** A container's first process is the runtime's until it executes the program of the image. */
export function isRuntimeName(name: string): boolean {
  return name.startsWith("runc") || name.startsWith("crun");
}

/** Programs that start themselves again for ever would otherwise hold all of their ancestors. */
function cutChain(node: Node | undefined): void {
  let at = node;
  for (let steps = 0; at !== undefined && steps < maxAncestors; steps++) at = at.parent;
  if (at !== undefined) at.parent = undefined;
}
