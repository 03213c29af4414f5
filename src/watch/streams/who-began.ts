// Who began a connection, as the probes saw it (`struct flow_key` and `struct flow_count` in probes/packets.bpf.h).

import type { BpfMap } from "../kernel/bpf-map.ts";
import type { TcpSocket } from "./tcp-sockets.ts";

export const flowKeyBytes = 48;
export const flowBytes = 48;
const IPPROTO_TCP = 6;
const beganAt = 44;
const began = { out: 1, in: 2 } as const;

/** @returns undefined where nobody saw its beginning */
export function whoBegan(flows: BpfMap): (cgroupId: number, socket: TcpSocket) => "out" | "in" | undefined {
  return (cgroupId, { local, peer, localPort, peerPort }) => {
    const key = Buffer.alloc(flowKeyBytes);
    key.writeBigUInt64LE(BigInt(cgroupId), 0);
    local.copy(key, 8);
    peer.copy(key, 24);
    key.writeUInt16LE(localPort, 40);
    key.writeUInt16LE(peerPort, 42);
    key.writeUInt32LE(IPPROTO_TCP, 44);
    const found = flows.get(key)?.readUInt32LE(beganAt);
    return found === began.out ? "out" : found === began.in ? "in" : undefined;
  };
}
