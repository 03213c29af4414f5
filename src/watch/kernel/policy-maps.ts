// Which container has which policy, in the kernel's maps. A policy has a slot; control groups point to slots, and so do the
// names of containers that are yet to come: the kernel gives a new group its slot before any process is in it.

import { limitExceeded } from "../../base/errors.ts";
import type { ContainerProtection } from "../../model/watch.ts";
import type { ContainerIndex, FoundGroup } from "../containers/container-index.ts";
import { type BpfMap, u32, u64 } from "./bpf-map.ts";
import { compilePermits, hasPort, permitKey, permitValue } from "./compile-permits.ts";
import { compilePolicy, type PolicyOptions } from "./compile-policy.ts";
import { type HostFile, keepHostFiles } from "./host-files.ts";

export const slotCount = 16_384;
const nameBytes = 64;
/** Of each map of lists. */
const mostEntries = 65_536;
/** Of containers that nobody announced. */
const unknownSlot = 0;

export type KernelMaps = {
  /** `struct member` by control group. */
  readonly members: BpfMap;
  /** `struct policy` by slot. */
  readonly policies: BpfMap;
  /** Slot by the container's id. */
  readonly announced: BpfMap;
  /** `struct permit` by `struct permit_key`. */
  readonly permits: BpfMap;
  /** When names were asked last, nanoseconds since boot, by slot. */
  readonly asked: BpfMap;
  /** By `struct protected_file`. */
  readonly protectedFiles: BpfMap;
};

export interface PolicyMaps {
  /** @throws PlimsollError LIMIT_EXCEEDED, MALFORMED_INPUT; the policy that was there stays */
  set(containerId: string, protection: ContainerProtection): void;
  setUnknown(protection: ContainerProtection): void;
  forget(containerId: string): void;
  /** Undefined of containers that nobody announced. */
  levelsOf(containerId: string): ContainerProtection["levels"] | undefined;
  /** As the kernel judges. @param address 16 bytes, IPv4 inside IPv6 */
  isPermitted(containerId: string, direction: "out" | "in", address: Buffer, port: number): boolean;
  /** @param time nanoseconds since boot */
  release(containerId: string, time: number): void;
  /** Groups that were there before the kernel could tell. */
  enter(groups: readonly FoundGroup[]): void;
  /** A group was made, perhaps in the moment before its container was announced. */
  arrived(cgroupId: number): void;
}

export function createPolicyMaps(maps: KernelMaps, index: ContainerIndex, options: PolicyOptions): PolicyMaps {
  const slots = new Map<string, number>();
  const protections = new Map<string, ContainerProtection>();
  const free: number[] = [];
  const writer = createSlotWriter(maps, options);
  let next = unknownSlot + 1;
  for (const [containerId, slot] of readAnnounced(maps.announced)) {
    slots.set(containerId, slot);
    next = Math.max(next, slot + 1);
  }
  const point = (containerId: string, slot: number): void => {
    for (const cgroupId of index.groupsOf(containerId)) {
      const top = index.find(cgroupId)?.topCgroupId;
      if (top !== undefined && maps.members.get(u64(cgroupId)) !== undefined) enterOne(maps, cgroupId, top, slot);
    }
  };
  return {
    set(containerId, protection) {
      const known = slots.get(containerId);
      const slot = known ?? free.at(-1) ?? next;
      if (slot >= slotCount) throw limitExceeded("the watch", `more than ${slotCount - 1} containers with a policy`);
      writer.write(slot, protection);
      protections.set(containerId, protection);
      if (known !== undefined) return;
      maps.announced.set(nameKey(containerId), u32(slot));
      if (slot === next) next++;
      else free.pop();
      slots.set(containerId, slot);
      point(containerId, slot);
    },
    levelsOf: (containerId) => protections.get(containerId)?.levels,
    isPermitted(containerId, direction, address, port) {
      const slot = slots.get(containerId);
      const protection = protections.get(containerId);
      const list = direction === "out" ? protection?.connect : protection?.bind;
      if (slot === undefined || list === undefined) return true;
      const key = permitKey(2 * slot + (direction === "out" ? 0 : 1), { address, prefix: 128 });
      return hasPort(maps.permits.get(key), port);
    },
    setUnknown: (protection) => writer.write(unknownSlot, protection),
    forget(containerId) {
      const slot = slots.get(containerId);
      if (slot === undefined) return;
      slots.delete(containerId);
      protections.delete(containerId);
      maps.announced.delete(nameKey(containerId));
      point(containerId, unknownSlot);
      writer.clear(slot);
      free.push(slot);
    },
    release(containerId, time) {
      const slot = slots.get(containerId);
      const last = slot === undefined ? undefined : maps.asked.get(u32(slot));
      // Whatever was asked since then is not known yet.
      if (slot !== undefined && last !== undefined && last.readBigUInt64LE(0) <= BigInt(Math.ceil(time))) {
        // Long ago, but not never: an answer that is still to come counts again.
        maps.asked.set(u32(slot), u64(0));
      }
    },
    enter(groups) {
      for (const { cgroupId, place } of groups) {
        const slot = place.madeBy === undefined ? slots.get(place.id) : undefined;
        enterOne(maps, cgroupId, place.topCgroupId, slot ?? unknownSlot);
      }
    },
    arrived(cgroupId) {
      const place = index.find(cgroupId);
      const slot = place === undefined || place.madeBy !== undefined ? undefined : slots.get(place.id);
      const member = maps.members.get(u64(cgroupId));
      if (place === undefined || slot === undefined || member === undefined || member.readUInt32LE(8) === slot) return;
      enterOne(maps, cgroupId, place.topCgroupId, slot);
    },
  };
}

type SlotWriter = {
  readonly write: (slot: number, protection: ContainerProtection) => void;
  readonly clear: (slot: number) => void;
};

type Entries = ReadonlyMap<string, { readonly map: BpfMap; readonly key: Buffer; readonly value: Buffer }>;

/** What is new is written before what is old is taken away: at no time is less refused than either says. */
function createSlotWriter(maps: KernelMaps, options: PolicyOptions): SlotWriter {
  const written = readEntries(maps);
  const filesOf = keepHostFiles(() => performance.now());
  const replace = (slot: number, entries: Entries): void => {
    const before = written.get(slot) ?? new Map();
    // Noted first: a map that is full in the middle leaves nothing that nobody knows of.
    written.set(slot, new Map([...before, ...entries]));
    for (const { map, key, value } of entries.values()) map.set(key, value);
    for (const [name, { map, key }] of before) if (!entries.has(name)) map.delete(key);
    written.set(slot, entries);
  };
  return {
    write(slot, protection) {
      const policy = compilePolicy(protection, options);
      const entries = entriesOf(maps, slot, protection, filesOf);
      replace(slot, entries);
      maps.policies.set(u32(slot), policy);
    },
    clear(slot) {
      const hadFiles = [...(written.get(slot)?.values() ?? [])].some(({ map }) => map === maps.protectedFiles);
      replace(slot, new Map());
      written.delete(slot);
      // The kernel adds files that got a second name while they were protected.
      if (!hadFiles) return;
      for (const key of maps.protectedFiles.keys(mostEntries)) {
        if (key.readUInt32LE(0) === slot) maps.protectedFiles.delete(key);
      }
    },
  };
}

function entriesOf(
  maps: KernelMaps,
  slot: number,
  protection: ContainerProtection,
  filesOf: (path: string) => readonly HostFile[],
): Entries {
  const entries = new Map<string, { map: BpfMap; key: Buffer; value: Buffer }>();
  for (const [direction, permits] of [protection.connect, protection.bind].entries()) {
    for (const entry of compilePermits(permits ?? [])) {
      const key = permitKey(2 * slot + direction, entry);
      entries.set(`permit ${key.toString("hex")}`, { map: maps.permits, key, value: permitValue(entry) });
    }
  }
  for (const file of protection.protectedPaths.flatMap((path) => filesOf(path))) {
    const key = Buffer.concat([u32(slot), u32(file.device), u64(file.inode)]);
    entries.set(`file ${key.toString("hex")}`, { map: maps.protectedFiles, key, value: Buffer.from([1]) });
  }
  return entries;
}

/** What an earlier sensor left: containers that it knew. */
function readAnnounced(announced: BpfMap): readonly (readonly [string, number])[] {
  return announced.keys(slotCount).flatMap((key) => {
    const end = key.indexOf(0);
    const slot = announced.get(key)?.readUInt32LE(0);
    return slot === undefined ? [] : [[key.toString("utf8", 0, end === -1 ? key.length : end), slot] as const];
  });
}

/** Lists that an earlier sensor left, by slot: they are taken away when the container is announced anew. */
function readEntries(maps: KernelMaps): Map<number, Entries> {
  const bySlot = new Map<number, Map<string, { map: BpfMap; key: Buffer; value: Buffer }>>();
  const note = (slot: number, name: string, map: BpfMap, key: Buffer): void => {
    const entries = bySlot.get(slot) ?? new Map();
    bySlot.set(slot, entries.set(`${name} ${key.toString("hex")}`, { map, key, value: Buffer.alloc(0) }));
  };
  for (const key of maps.permits.keys(mostEntries)) note(key.readUInt32LE(4) >>> 1, "permit", maps.permits, key);
  for (const key of maps.protectedFiles.keys(mostEntries)) note(key.readUInt32LE(0), "file", maps.protectedFiles, key);
  return bySlot;
}

function enterOne(maps: KernelMaps, cgroupId: number, top: number, slot: number): void {
  maps.members.set(u64(cgroupId), Buffer.concat([u64(top), u32(slot), u32(0)]));
}

/** `struct container_name` */
function nameKey(containerId: string): Buffer {
  const bytes = Buffer.from(containerId);
  if (bytes.length > nameBytes) throw limitExceeded("a container's id", `more than ${nameBytes} bytes`);
  return Buffer.concat([bytes, Buffer.alloc(nameBytes - bytes.length)]);
}
