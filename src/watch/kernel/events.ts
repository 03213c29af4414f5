// What the kernel tells, handed on: the ring is read, groups that come and go are noted first, and everything is counted.

import type { KernelEvent, KernelEventKind, SeenPacket, SensorCounters } from "../../model/watch.ts";
import type { ContainerIndex } from "../containers/container-index.ts";
import { type BpfMap, u32 } from "./bpf-map.ts";
import type { BpfObject } from "./bpf-object.ts";
import { createDecoder } from "./decode.ts";
import { kernelClock } from "./kernel-clock.ts";
import { eventKinds } from "./layout.ts";
import type { Libbpf } from "./libbpf.ts";
import { openPackets } from "./packets.ts";
import type { PolicyMaps } from "./policy-maps.ts";
import { startReader } from "./reader.ts";
import { Ring } from "./ring.ts";

export type Events = {
  readonly onEvent: (handler: (event: KernelEvent) => void) => void;
  /** What was found out later about one that was told. */
  readonly tell: (event: KernelEvent) => void;
  readonly onPacket: (handler: (packet: SeenPacket) => void) => void;
  readonly counters: () => SensorCounters;
  readonly close: () => void;
};

/** As probes/event.bpf.h has it. */
const ringBytes = 16 << 20;

export function openEvents(libbpf: Libbpf, object: BpfObject, index: ContainerIndex, policies: PolicyMaps): Events {
  const ring = new Ring(libbpf, object.mapFd("events"), ringBytes);
  const decode = createDecoder(ring.memory, kernelClock());
  const handlers: ((event: KernelEvent) => void)[] = [];
  const byKind = new Map<KernelEventKind, number>();
  const awake = mapShared(libbpf, object.mapFd("reader"));
  const reader = startReader(ring, awake.words, (offset, length) => {
    const event = decode(offset, length);
    if (event === undefined) return;
    byKind.set(event.kind, (byKind.get(event.kind) ?? 0) + 1);
    if (event.kind === "cgroup-made") {
      index.made(event.cgroupId, event.targetCgroupId, event.path, event.process.uid);
      policies.arrived(event.cgroupId);
    }
    for (const handler of handlers) handler(event);
    if (event.kind === "cgroup-gone") index.gone(event.cgroupId);
  });
  const packetsAwake = mapShared(libbpf, object.mapFd("packet_reader"));
  const packets = openPackets(libbpf, object, packetsAwake.words, reader.read);
  const drops = object.map("drops", 4, 8 * Number(libbpf.possibleProcessors()));
  return {
    onEvent: (handler) => void handlers.push(handler),
    tell(event) {
      for (const handler of handlers) handler(event);
    },
    onPacket: packets.onPacket,
    counters: () => ({
      received: [...byKind.values()].reduce((sum, count) => sum + count, 0),
      dropped: readDrops(drops),
      byKind: Object.fromEntries(byKind),
      packetsDropped: packets.dropped(),
    }),
    close() {
      reader.close();
      ring.close();
      awake.close();
      packets.close();
      packetsAwake.close();
    },
  };
}

/** A page of a map as memory of this process. */
function mapShared(libbpf: Libbpf, fd: number): { readonly words: Uint32Array; readonly close: () => void } {
  const page = 4096;
  const pointer = libbpf.mmap(null, page, 3, 1, fd, 0);
  return { words: new Uint32Array(libbpf.view(pointer, page)), close: () => void libbpf.munmap(pointer, page) };
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
