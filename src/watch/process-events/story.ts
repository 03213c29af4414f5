// Messages of the process connector -> events of containers. The kernel names a process by its number alone: who it is, is read
// from /proc at once, and what was read is kept until it ends, for those that are gone when somebody looks.

import type { ContainerPlace, ContainerProtection, KernelEvent, ProcessFacts } from "../../model/watch.ts";
import { isWatched, nothing } from "../kernel/compile-policy.ts";
import { hostMountNamespace } from "../kernel/settings.ts";
import { isRuntimeName } from "../process-tree/process-tree.ts";
import type { ContainerGroups } from "./container-groups.ts";
import type { ProcessMessage } from "./decode-message.ts";
import { type Described, describeProcess, nobody, originOf } from "./describe-process.ts";

export interface Story {
  see(message: ProcessMessage): void;
  group(kind: "cgroup-made" | "cgroup-gone", cgroupId: number, place: ContainerPlace): void;
}

export type StoryOptions = {
  readonly groups: Pick<ContainerGroups, "groupOf">;
  /** Milliseconds between the monotonic zero and 1970. */
  readonly clock: () => number;
  placeOf(cgroupId: number): ContainerPlace | undefined;
  protectionOf(containerId: string): ContainerProtection;
  tell(event: KernelEvent): void;
};

/** A process of a container. */
type Known = {
  readonly cgroupId: number;
  readonly facts: ProcessFacts;
  /** It came into the group from outside, and has executed no program of the container yet: its acts are not the container's. */
  readonly isRuntime: boolean;
};

const mostProcesses = 65_536;
const noArguments: readonly string[] = Object.freeze([]);
/** /proc counts a start in hundredths of a second. */
const tickNs = 10_000_000;
const maxArgumentBytes = 4096;

export function createStory(options: StoryOptions): Story {
  return new Teller(options);
}

class Teller implements Story {
  readonly #options: StoryOptions;
  readonly #known = new Map<number, Known>();
  readonly #hostMounts = Number(hostMountNamespace());

  constructor(options: StoryOptions) {
    this.#options = options;
  }

  see({ act, time }: ProcessMessage): void {
    if (act.kind === "fork") this.#forked(act.pid, act.childPid, time);
    else if (act.kind === "exec") this.#executed(act.pid, time);
    else if (act.kind === "exit") this.#ended(act.pid, act.code, time);
    else if (act.kind === "traced") this.#traced(act.pid, act.tracerPid, time);
    else if (act.kind === "set-user") this.#changedUser(act.pid, act.uid, time);
  }

  group(kind: "cgroup-made" | "cgroup-gone", cgroupId: number, { topCgroupId, cgroupPath }: ContainerPlace): void {
    const now = Number(process.hrtime.bigint()) / 1e6;
    const said = { kind, path: cgroupPath, targetCgroupId: topCgroupId };
    this.#options.tell(toEvent(cgroupId, nobody, this.#options.clock() + now, said));
  }

  #forked(pid: number, childPid: number, time: number): void {
    const parent = this.#find(pid);
    // What is gone already was what its maker is, from this moment.
    const facts = { ...(parent?.facts ?? nobody), pid: childPid, threadId: childPid, parentPid: pid };
    const copy = parent && { ...parent, facts: { ...facts, startedAt: time, containerPid: 0 } };
    const described = this.#isOfContainer(childPid, copy) ? describeProcess(childPid) : undefined;
    // Born into the group from outside: it prepares the container.
    const isRuntime = parent?.isRuntime ?? true;
    const child = described === undefined ? copy && this.#keep(copy) : this.#meet(described, copy, isRuntime);
    if (child === undefined || parent === undefined) return;
    const { startedAt, containerPid } = child.facts;
    const target = { targetPid: childPid, targetCgroupId: child.cgroupId };
    this.#say(parent, time, { kind: "fork", ...target, details: { startedAt, containerPid } });
  }

  #executed(pid: number, time: number): void {
    const before = this.#known.get(pid);
    if (!this.#isOfContainer(pid, before)) return;
    const described = describeProcess(pid);
    // Gone before anybody could look: that it executed something is all that is known.
    const isRuntime = described?.facts.mountNamespace === this.#hostMounts;
    const now = described === undefined ? before && { ...before, isRuntime } : this.#meet(described, before, isRuntime);
    if (now === undefined) return;
    const { path = "", argv = noArguments } = described ?? {};
    const origin = described && originOf(pid, described.path);
    const isDrift = origin !== undefined && (origin.isNew || origin.isMemory);
    const protection = isDrift && this.#levelsOf(now).drift !== "off" ? "drift" : undefined;
    const isCut = argv.join(" ").length >= maxArgumentBytes - 1;
    const details = described === undefined ? { isGone: 1 } : {};
    this.#say(now, time, { kind: "exec", ...{ path, argv, origin, protection, isCut, details } });
  }

  #ended(pid: number, code: number, time: number): void {
    const ended = this.#known.get(pid);
    this.#known.delete(pid);
    if (ended !== undefined) {
      this.#say(ended, time, { kind: "exit", details: { status: (code >>> 8) & 0xff, signal: code & 0x7f } });
    }
  }

  #traced(pid: number, tracerPid: number, time: number): void {
    const tracer = this.#find(tracerPid);
    if (tracer === undefined) return;
    const target = this.#find(pid);
    const isOutside = this.#placeOf(tracer)?.id !== (target && this.#placeOf(target)?.id);
    this.#say(tracer, time, {
      kind: "memory",
      protection: isOutside && this.#levelsOf(tracer).memory !== "off" ? "memory" : undefined,
      ...{ targetPid: pid, targetCgroupId: target?.cgroupId ?? 0, details: { systemCall: "ptrace" } },
    });
  }

  #changedUser(pid: number, uid: number, time: number): void {
    const changed = this.#known.get(pid);
    if (changed === undefined) return;
    this.#say(changed, time, { kind: "set-user", details: { systemCall: "setuid", uid } });
    this.#keep({ ...changed, facts: { ...changed.facts, uid } });
  }

  #find(pid: number): Known | undefined {
    const found = this.#known.get(pid);
    if (found !== undefined || !this.#isOfContainer(pid, undefined)) return found;
    const described = describeProcess(pid);
    if (described === undefined) return undefined;
    const { mountNamespace, name } = described.facts;
    return this.#meet(described, undefined, mountNamespace === this.#hostMounts || isRuntimeName(name));
  }

  /** Of all others nothing more is read. */
  #isOfContainer(pid: number, before: Known | undefined): boolean {
    return before !== undefined || this.#options.groups.groupOf(pid) !== 0;
  }

  /** Whoever was of a container stays its own, into whatever group it gets. */
  #meet({ facts }: Described, before: Known | undefined, isRuntime: boolean): Known | undefined {
    const isSame = before !== undefined && Math.abs(before.facts.startedAt - facts.startedAt) < 2 * tickNs;
    const cgroupId = this.#options.groups.groupOf(facts.pid) || (isSame ? before.cgroupId : 0);
    if (cgroupId !== 0) return this.#keep({ cgroupId, facts, isRuntime });
    this.#known.delete(facts.pid);
    return undefined;
  }

  #keep(process: Known): Known {
    const { pid } = process.facts;
    this.#known.delete(pid);
    const [oldest] = this.#known.size >= mostProcesses ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(pid, process);
    return process;
  }

  #say(process: Known, time: number, said: Said): void {
    const place = this.#placeOf(process);
    if (process.isRuntime || place === undefined || !isWatched(this.#options.protectionOf(place.id))) return;
    this.#options.tell(toEvent(process.cgroupId, process.facts, this.#options.clock() + time / 1e6, said));
  }

  #placeOf({ cgroupId }: Known): ContainerPlace | undefined {
    return this.#options.placeOf(cgroupId);
  }

  #levelsOf(process: Known): ContainerProtection["levels"] {
    const place = this.#placeOf(process);
    return place === undefined ? nothing.levels : this.#options.protectionOf(place.id).levels;
  }
}

type Said = Pick<KernelEvent, "kind"> & Partial<Omit<KernelEvent, "cgroupId" | "process" | "time">>;

function toEvent(cgroupId: number, process: ProcessFacts, time: number, said: Said): KernelEvent {
  return {
    ...{ time, cgroupId, process, verdict: "seen", protection: undefined, path: "", origin: undefined },
    ...{ argv: noArguments, isCut: false, address: "", port: 0, targetPid: 0, targetCgroupId: 0, details: {} },
    ...said,
  };
}
