// Packets that the probes tell of (`struct packet_event` in probes/packets.bpf.h): read from a ring of their own, so that a
// flood of them costs no event of another kind its place.

import type { SeenPacket } from "../../model/watch.ts";
import { formatAddress } from "./address.ts";
import { type BpfMap, u32 } from "./bpf-map.ts";
import type { BpfObject } from "./bpf-object.ts";
import { kernelClock } from "./kernel-clock.ts";
import type { Libbpf } from "./libbpf.ts";
import { startReader } from "./reader.ts";
import { Ring, type RingMemory } from "./ring.ts";

export type Packets = {
  readonly onPacket: (handler: (packet: SeenPacket) => void) => void;
  readonly dropped: () => number;
  readonly close: () => void;
};

const ringBytes = 4 << 20;
const headBytes = 128;
const AF_INET6 = 10;
const TCP = 6;
const kinds = ["data", "end"] as const;
const begins = ["unknown", "out", "in"] as const;
const at = {
  ...{ time: 0, cgroup: 8, started: 16, pid: 24, thread: 28, sequence: 32, length: 36, localPort: 40, peerPort: 42 },
  ...{ kept: 44, protocol: 46, isOut: 47, kind: 48, began: 49, local: 56, peer: 72, bytesOut: 88, bytesIn: 96 },
  ...{ packetsOut: 104, packetsIn: 108, name: 112 },
} as const;

/** @param catchUp reads the events: who sends a packet is known before it is looked into */
export function openPackets(libbpf: Libbpf, object: BpfObject, awake: Uint32Array, catchUp: () => void): Packets {
  const ring = new Ring(libbpf, object.mapFd("packets"), ringBytes);
  const clock = kernelClock();
  const handlers: ((packet: SeenPacket) => void)[] = [];
  const reader = startReader(ring, awake, (offset, length) => {
    catchUp();
    const packet = length < headBytes ? undefined : decode(ring.memory, offset, length, clock());
    if (packet !== undefined) for (const handler of handlers) handler(packet);
  });
  const drops = object.map("packet_drops", 4, 8 * Number(libbpf.possibleProcessors()));
  return {
    onPacket: (handler) => void handlers.push(handler),
    dropped: () => sum(drops),
    close() {
      reader.close();
      ring.close();
    },
  };
}

function decode({ bytes, words }: RingMemory, offset: number, length: number, clock: number): SeenPacket | undefined {
  const kind = kinds[(bytes[offset + at.kind] ?? 0) - 1];
  if (kind === undefined) return undefined;
  const word = (place: number): number => words[(offset + place) >>> 2] ?? 0;
  const long = (place: number): number => word(place) + word(place + 4) * 0x1_0000_0000;
  const kept = Math.min(bytes.readUInt16LE(offset + at.kept), length - headBytes);
  const end = bytes.indexOf(0, offset + at.name);
  return {
    kind,
    time: clock + long(at.time) / 1e6,
    cgroupId: long(at.cgroup),
    ...{ pid: word(at.pid), threadId: word(at.thread), startedAt: long(at.started) },
    processName: bytes.toString("utf8", offset + at.name, Math.min(end, offset + at.name + 15)),
    isOutgoing: bytes[offset + at.isOut] === 1,
    protocol: bytes[offset + at.protocol] === TCP ? "tcp" : "udp",
    began: begins[bytes[offset + at.began] ?? 0] ?? "unknown",
    sequence: word(at.sequence),
    length: word(at.length),
    localAddress: formatAddress(bytes, words, offset + at.local, AF_INET6),
    localPort: bytes.readUInt16LE(offset + at.localPort),
    peerAddress: formatAddress(bytes, words, offset + at.peer, AF_INET6),
    peerPort: bytes.readUInt16LE(offset + at.peerPort),
    ...{ bytesOut: long(at.bytesOut), bytesIn: long(at.bytesIn) },
    ...{ packetsOut: word(at.packetsOut), packetsIn: word(at.packetsIn) },
    payload: bytes.subarray(offset + headBytes, offset + headBytes + kept),
  };
}

function sum(drops: BpfMap): number {
  const counts = drops.get(u32(0));
  let all = 0;
  for (let place = 0; counts !== undefined && place < counts.length; place += 8)
    all += Number(counts.readBigUInt64LE(place));
  return all;
}
