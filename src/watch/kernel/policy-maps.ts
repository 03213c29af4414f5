// Which container has which policy, in the kernel's maps. A policy has a slot; control groups point to slots, and so do the
// names of containers that are yet to come: the kernel gives a new group its slot before any process is in it.

import { limitExceeded } from "../../base/errors.ts";
import type { ContainerIndex, FoundGroup } from "../containers/container-index.ts";
import type { BpfMap } from "./bpf-map.ts";
import { u32, u64 } from "./bpf-map.ts";

export const slotCount = 16_384;
const nameBytes = 64;
/** Of containers that nobody announced. */
export const unknownSlot = 0;

export type KernelMaps = {
  /** `struct member` by control group. */
  readonly members: BpfMap;
  /** `struct policy` by slot. */
  readonly policies: BpfMap;
  /** Slot by the container's id. */
  readonly announced: BpfMap;
};

export interface PolicyMaps {
  /** @param policy `struct policy` @returns its slot @throws PlimsollError LIMIT_EXCEEDED */
  set(containerId: string, policy: Buffer): number;
  setUnknown(policy: Buffer): void;
  /** @returns the slot that is free again */
  forget(containerId: string): number | undefined;
  /** Groups that were there before the kernel could tell. */
  enter(groups: readonly FoundGroup[]): void;
}

export function createPolicyMaps(maps: KernelMaps, index: ContainerIndex): PolicyMaps {
  const slots = new Map<string, number>();
  const free: number[] = [];
  let next = unknownSlot + 1;
  const point = (containerId: string, slot: number): void => {
    for (const cgroupId of index.groupsOf(containerId)) {
      const top = index.find(cgroupId)?.topCgroupId;
      if (top !== undefined && maps.members.get(u64(cgroupId)) !== undefined) enterOne(maps, cgroupId, top, slot);
    }
  };
  return {
    set(containerId, policy) {
      const slot = slots.get(containerId) ?? free.pop() ?? next++;
      if (slot >= slotCount) throw limitExceeded("the watch", `more than ${slotCount - 1} containers with a policy`);
      maps.policies.set(u32(slot), policy);
      if (!slots.has(containerId)) {
        maps.announced.set(nameKey(containerId), u32(slot));
        slots.set(containerId, slot);
        point(containerId, slot);
      }
      return slot;
    },
    setUnknown: (policy) => maps.policies.set(u32(unknownSlot), policy),
    forget(containerId) {
      const slot = slots.get(containerId);
      if (slot === undefined) return undefined;
      slots.delete(containerId);
      maps.announced.delete(nameKey(containerId));
      point(containerId, unknownSlot);
      free.push(slot);
      return slot;
    },
    enter(groups) {
      for (const { cgroupId, place } of groups) {
        enterOne(maps, cgroupId, place.topCgroupId, slots.get(place.id) ?? unknownSlot);
      }
    },
  };
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
