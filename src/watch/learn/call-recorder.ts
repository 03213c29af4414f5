// Which system calls and capabilities containers use, counted by the kernel itself while somebody learns. Every system call of
// the host pays some nanoseconds meanwhile, so it is never left running.

import { findHierarchy } from "../containers/hierarchy.ts";
import type { BpfMap } from "../kernel/bpf-map.ts";
import { BpfObject } from "../kernel/bpf-object.ts";
import { findObject } from "../kernel/find-object.ts";
import { openKernelTypes } from "../kernel/kernel-types.ts";
import { openLibbpf } from "../kernel/libbpf.ts";
import { hostMountNamespace } from "../kernel/settings.ts";
import { tryLsm } from "../tiers/try-lsm.ts";
import { systemCallName } from "./system-call-names.ts";

export type RecordedCalls = {
  readonly systemCalls: readonly string[];
  /** Undefined where the kernel does not tell. */
  readonly capabilities: readonly string[] | undefined;
  /** 32-bit calls were made, which have other numbers and were not counted. */
  readonly has32BitCalls: boolean;
};

export interface CallRecorder {
  /** Of the control groups of one container. @param cgroupIds of the version 2 hierarchy */
  read(cgroupIds: readonly number[]): RecordedCalls;
  /** Containers that run already: their first program was executed before anybody looked. */
  begin(cgroupIds: readonly number[]): void;
  close(): void;
}

const valueBytes = 80;
const wordsOfCalls = 8;
const armedFlag = 1;
const compatFlag = 2;

/** @param capabilityNames in the kernel's order @throws PlimsollError NEED_MISSING, PERMISSION_NEEDED */
export function openCallRecorder(capabilityNames: readonly string[]): CallRecorder {
  const libbpf = openLibbpf();
  const types = openKernelTypes(libbpf);
  const seesCapabilities = types !== undefined && tryLsm(libbpf, types).works;
  types?.close();
  const constants = Buffer.alloc(8);
  constants.writeBigUInt64LE(hostMountNamespace());
  const object = new BpfObject(libbpf, {
    bytes: findObject(process.arch, undefined, ".learn"),
    wants: (_program, section) => seesCapabilities || !section.startsWith("lsm/"),
    constants,
    pins: new Map(),
  });
  const { attached } = object.attach(undefined);
  const learnt = object.map("learnt", 8, valueBytes);
  return {
    read: (cgroupIds) => readAll(learnt, cgroupIds, seesCapabilities ? capabilityNames : undefined),
    begin(cgroupIds) {
      for (const cgroupId of cgroupIds) {
        const value = Buffer.alloc(valueBytes);
        value.writeUInt32LE(armedFlag, 72);
        learnt.set(key(cgroupId), value);
      }
    },
    close() {
      for (const { link } of attached) libbpf.destroyLink(link);
      object.close();
    },
  };
}

/** Control groups have numbers of the version 2 hierarchy only: elsewhere calls cannot be told apart by container. */
export function canRecordCalls(): boolean {
  return findHierarchy().version === 2;
}

function readAll(
  learnt: BpfMap,
  cgroupIds: readonly number[],
  capabilityNames: readonly string[] | undefined,
): RecordedCalls {
  const names = new Set<string>();
  const capabilities = new Set<string>();
  let has32BitCalls = false;
  for (const cgroupId of cgroupIds) {
    const value = learnt.get(key(cgroupId));
    if (value === undefined) continue;
    for (let call = 0; call < 64 * wordsOfCalls; call++) {
      if (isSet(value, call)) names.add(systemCallName(call) ?? `call-${call}`);
    }
    for (const [number, name] of (capabilityNames ?? []).entries())
      if (isSet(value, 64 * wordsOfCalls + number)) capabilities.add(name);
    has32BitCalls ||= (value.readUInt32LE(72) & compatFlag) !== 0;
  }
  return {
    systemCalls: [...names].sort(),
    capabilities: capabilityNames === undefined ? undefined : [...capabilities].sort(),
    has32BitCalls,
  };
}

/** Bits of little-endian words are in the order of bytes. */
function isSet(value: Buffer, bit: number): boolean {
  return ((value[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}

function key(cgroupId: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(cgroupId));
  return bytes;
}
