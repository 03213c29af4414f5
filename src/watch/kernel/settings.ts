// The constants that the probes get before they are loaded: `struct settings` in probes/subject.bpf.h.

import { statSync } from "node:fs";
import type { Hierarchy, V1Controller } from "../containers/hierarchy.ts";

export type ProbeSettings = {
  readonly hierarchy: Hierarchy;
  /** Bits of protections that the LSM programs decide. */
  readonly lsm: number;
  /** Connections are seen by programs of control groups. */
  readonly network: boolean;
};

/** `enum controller` */
const controllers: Readonly<Record<V1Controller, number>> = { pids: 1, memory: 2, cpu: 3, devices: 4 };

export function encodeSettings(settings: ProbeSettings): Buffer {
  const bytes = Buffer.alloc(24);
  const { hierarchy } = settings;
  bytes.writeBigUInt64LE(hostMountNamespace(), 0);
  bytes.writeUInt32LE(hierarchy.id, 8);
  bytes.writeUInt32LE(hierarchy.controller === undefined ? 0 : controllers[hierarchy.controller], 12);
  bytes.writeUInt32LE(settings.lsm, 16);
  bytes.writeUInt32LE(settings.network ? 1 : 0, 20);
  return bytes;
}

/** That of the first process; some systems show it to nobody, and then ours is the host's. */
export function hostMountNamespace(): bigint {
  for (const path of ["/proc/1/ns/mnt", "/proc/self/ns/mnt"]) {
    try {
      return statSync(path, { bigint: true }).ino;
    } catch {
      // the next one
    }
  }
  return 0n;
}
