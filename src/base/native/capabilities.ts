// A process of root that keeps only the capabilities that it needs, and can never get others back.
// Source: capabilities(7), capset(2), prctl(2); Linux include/uapi/linux/capability.h for the numbers.

import { lazily } from "../lazily.ts";
import { openLibc } from "./libc.ts";

const numbers = {
  ...{ CAP_DAC_OVERRIDE: 1, CAP_DAC_READ_SEARCH: 2, CAP_KILL: 5, CAP_NET_ADMIN: 12, CAP_NET_RAW: 13 },
  ...{ CAP_SETGID: 6, CAP_SETUID: 7, CAP_SYS_NICE: 23, CAP_LEASE: 28 },
  ...{ CAP_SYS_PTRACE: 19, CAP_SYS_ADMIN: 21, CAP_SYS_RESOURCE: 24, CAP_PERFMON: 38, CAP_BPF: 39 },
} as const;

export type Capability = keyof typeof numbers;

const version3 = 0x20080522;
const prCapbsetRead = 23;
const prCapbsetDrop = 24;
const prSetNoNewPrivs = 38;
/** Numbers beyond the last that the kernel knows are refused: there the walk ends. */
const mostCapabilities = 64;

const calls = lazily(() => {
  const libc = openLibc();
  return {
    prctl: libc.declare("int prctl(int option, ulong first, ulong second, ulong third, ulong fourth)"),
    capset: libc.declare("int capset(void *header, void *data)"),
    errno: libc.errno,
  };
});

/**
 * Of this thread and of all that it makes from now on.
 * @throws Error when the kernel refuses, PlimsollError NEED_MISSING without native calls
 */
export function keepCapabilities(kept: readonly Capability[]): void {
  const { prctl, capset, errno } = calls();
  const wanted = new Set<number>(kept.map((name) => numbers[name]));
  const held: number[] = [];
  for (let number = 0; number < mostCapabilities; number++) {
    const inSet = Number(prctl(prCapbsetRead, number, 0, 0, 0));
    if (inSet < 0) break;
    if (inSet === 1 && wanted.has(number)) held.push(number);
    else if (inSet === 1) prctl(prCapbsetDrop, number, 0, 0, 0);
  }
  const header = Buffer.alloc(8);
  header.writeUInt32LE(version3, 0);
  const data = Buffer.alloc(24);
  for (const number of held) {
    const at = number < 32 ? 0 : 12;
    // Effective and permitted; nothing is handed on to other programs.
    for (const set of [0, 4]) data.writeUInt32LE((data.readUInt32LE(at + set) | (1 << (number % 32))) >>> 0, at + set);
  }
  if (Number(capset(header, data)) !== 0) throw new Error(`capset: error ${errno()}`);
  prctl(prSetNoNewPrivs, 1, 0, 0, 0);
}
