// What a container may do -> the bits that the kernel's programs look at (`struct policy` in probes/subject.bpf.h).

import { type ContainerProtection, type KernelEventKind, type Protection, protections } from "../../model/watch.ts";
import { namesIn } from "../network/name-users.ts";
import { eventKinds, kindNumber, protectionBit } from "./layout.ts";

/** `enum list_bit` in probes/subject.bpf.h. */
const listBit = { connect: 1, bind: 2, hostPaths: 4, allReads: 8, flows: 16, names: 32 } as const;
export const policyBytes = 24;

export type PolicyOptions = {
  /** Every open for reading is told, not only of the files that are named. */
  readonly allReads: boolean;
};

/** What tells nothing, and stops nothing. */
export const nothing: ContainerProtection = {
  levels: {
    drift: "off",
    memory: "off",
    escape: "off",
    "host-paths": "off",
    network: "off",
    malware: "off",
    mining: "off",
  },
  connect: undefined,
  bind: undefined,
  protectedPaths: [],
};

export function compilePolicy(protection: ContainerProtection, options: PolicyOptions): Buffer {
  const bytes = Buffer.alloc(policyBytes);
  bytes.writeBigUInt64LE(kindBits(isWatched(protection) ? eventKinds : []), 0);
  bytes.writeUInt32LE(levelBits(protection, "detect"), 8);
  bytes.writeUInt32LE(levelBits(protection, "block"), 12);
  bytes.writeUInt32LE(lists(protection, options), 16);
  return bytes;
}

export function isWatched(protection: ContainerProtection): boolean {
  return protections.some((name) => protection.levels[name] !== "off");
}

function kindBits(kinds: readonly KernelEventKind[]): bigint {
  return kinds.reduce((bits, kind) => bits | (1n << BigInt(kindNumber(kind))), 0n);
}

function levelBits(protection: ContainerProtection, level: "detect" | "block"): number {
  const has = (name: Protection): boolean => protection.levels[name] === level;
  return protections.filter(has).reduce((bits, name) => bits | protectionBit(name, protections), 0);
}

function lists(protection: ContainerProtection, options: PolicyOptions): number {
  return (
    (protection.connect === undefined ? 0 : listBit.connect) |
    (protection.bind === undefined ? 0 : listBit.bind) |
    (protection.protectedPaths.length === 0 ? 0 : listBit.hostPaths) |
    (options.allReads ? listBit.allReads : 0) |
    (protection.levels.network === "off" && protection.levels.mining === "off" ? 0 : listBit.flows) |
    (namesIn(protection.connect ?? []).length === 0 ? 0 : listBit.names)
  );
}
