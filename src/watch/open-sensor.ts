// The sensor: probes in the kernel, what they tell as events, and what containers may do as maps that the probes look at.

import { existsSync } from "node:fs";
import { PlimsollError } from "../base/errors.ts";
import type { ContainerProtection, KernelEvent, KernelEventKind, Sensor, SensorCounters } from "../model/watch.ts";
import { type ContainerIndex, createContainerIndex } from "./containers/container-index.ts";
import { findHierarchy, type V1Controller } from "./containers/hierarchy.ts";
import { type BpfMap, u32 } from "./kernel/bpf-map.ts";
import { type Attached, BpfObject } from "./kernel/bpf-object.ts";
import { compilePolicy, nothing, policyBytes } from "./kernel/compile-policy.ts";
import { createDecoder } from "./kernel/decode.ts";
import { findObject } from "./kernel/find-object.ts";
import { kernelClock } from "./kernel/kernel-clock.ts";
import { eventKinds } from "./kernel/layout.ts";
import { type Libbpf, openLibbpf } from "./kernel/libbpf.ts";
import { createPolicyMaps, type PolicyMaps } from "./kernel/policy-maps.ts";
import { startReader } from "./kernel/reader.ts";
import { Ring } from "./kernel/ring.ts";
import { encodeSettings } from "./kernel/settings.ts";

export type SensorOptions = {
  /** What containers may do that nobody announced; default: everything, unseen. */
  readonly unknown?: ContainerProtection;
  /** Every open for reading is told. Default: only of files with a name that matters. */
  readonly allReads?: boolean;
  /** Containers are told apart by this hierarchy of control groups; default: the best that is mounted. */
  readonly hierarchy?: "2" | V1Controller;
  /** Folder of the objects; default: the one that was installed. */
  readonly objects?: string;
  /** Default: `libbpf.so.1` */
  readonly libbpf?: string;
};

const ringBytes = 8 << 20;

/** @throws PlimsollError NEED_MISSING (kernel, library, probes), PERMISSION_NEEDED, DIGEST_MISMATCH */
export function openSensor(options: SensorOptions = {}): Promise<Sensor> {
  // A promise, so that what opens slowly one day changes no caller.
  return Promise.resolve().then(() => open(options));
}

function open(options: SensorOptions): Sensor {
  checkKernel();
  const libbpf = openLibbpf(options.libbpf);
  const hierarchy = findHierarchy(options.hierarchy);
  const index = createContainerIndex(hierarchy);
  const object = new BpfObject(libbpf, {
    bytes: findObject(process.arch, options.objects),
    wants: () => true,
    constants: encodeSettings({ hierarchy, lsm: 0, network: false }),
    pins: new Map(),
  });
  const policies = openPolicies(object, index);
  const compile = (protection: ContainerProtection): Buffer =>
    compilePolicy(protection, { allReads: options.allReads ?? false });
  policies.setUnknown(compile(options.unknown ?? nothing));
  const { attached } = object.attach(undefined);
  policies.enter(index.readTree());
  const events = openEvents(libbpf, object, index);
  return {
    tiers: [],
    protections: [],
    onEvent: events.onEvent,
    protect: (containerId, protection) => void policies.set(containerId, compile(protection)),
    protectUnknown: (protection) => policies.setUnknown(compile(protection)),
    forget: (containerId) => void policies.forget(containerId),
    containerOf: (cgroupId) => index.find(cgroupId),
    counters: events.counters,
    async close() {
      detach(libbpf, attached);
      events.close();
      object.close();
    },
  };
}

function checkKernel(): void {
  if (existsSync("/sys/kernel/btf/vmlinux")) return;
  throw new PlimsollError("NEED_MISSING", "this kernel has no type information: /sys/kernel/btf/vmlinux is not there", {
    hint: "use a kernel built with CONFIG_DEBUG_INFO_BTF, as distributions ship it",
  });
}

function openPolicies(object: BpfObject, index: ContainerIndex): PolicyMaps {
  const maps = {
    members: object.map("members", 8, 16),
    policies: object.map("policies", 4, policyBytes),
    announced: object.map("announced", 64, 4),
  };
  return createPolicyMaps(maps, index);
}

type Events = {
  readonly onEvent: (handler: (event: KernelEvent) => void) => void;
  readonly counters: () => SensorCounters;
  readonly close: () => void;
};

function openEvents(libbpf: Libbpf, object: BpfObject, index: ContainerIndex): Events {
  const ring = new Ring(libbpf, object.mapFd("events"), ringBytes);
  const decode = createDecoder(ring.memory, kernelClock());
  const handlers: ((event: KernelEvent) => void)[] = [];
  const byKind = new Map<KernelEventKind, number>();
  const reader = startReader(ring, (offset, length) => {
    const event = decode(offset, length);
    if (event === undefined) return;
    byKind.set(event.kind, (byKind.get(event.kind) ?? 0) + 1);
    if (event.kind === "cgroup-made") index.made(event.cgroupId, event.targetCgroupId, event.path);
    for (const handler of handlers) handler(event);
    if (event.kind === "cgroup-gone") index.gone(event.cgroupId);
  });
  const drops = object.map("drops", 4, 8 * Number(libbpf.possibleProcessors()));
  return {
    onEvent: (handler) => void handlers.push(handler),
    counters: () => ({
      received: [...byKind.values()].reduce((sum, count) => sum + count, 0),
      dropped: readDrops(drops),
      byKind: Object.fromEntries(byKind),
    }),
    close() {
      reader.close();
      ring.close();
    },
  };
}

function readDrops(drops: BpfMap): number {
  let sum = 0;
  for (let kind = 0; kind <= eventKinds.length; kind++) {
    const counts = drops.get(u32(kind));
    for (let place = 0; counts !== undefined && place < counts.length; place += 8) {
      sum += Number(counts.readBigUInt64LE(place));
    }
  }
  return sum;
}

function detach(libbpf: Libbpf, attached: readonly Attached[]): void {
  for (const { link } of attached) libbpf.destroyLink(link);
}
