// A connection that asked to begin while a name was being resolved is held, not refused: its first packet is dropped, and sent
// again after a second. When it is refused then, its program does not hear of that from the kernel and would wait for minutes, so
// the connection is ended. Only what was refused and told: others may still wait for a name.

import type { ContainerPlace, KernelEvent } from "../../model/watch.ts";
import { onePerNetwork, pidsBelow } from "./container-pids.ts";
import { formatPeer, openTcpSockets } from "./tcp-sockets.ts";

export type EndHeldOptions = {
  readonly pidsOf: (place: ContainerPlace) => readonly number[];
  /** Of the container, with those that it made. */
  groupsOf(containerId: string): readonly number[];
  placeOf(cgroupId: number): ContainerPlace | undefined;
};

export interface HeldConnections {
  /** Takes any event. */
  see(event: KernelEvent): void;
  close(): void;
}

type Refused = { readonly place: ContainerPlace; readonly peers: Set<string> };

const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
/** Many are refused at once where a program tries many addresses: its network is looked at once for all of them. */
const gatherMs = 100;
const mostPeers = 256;
/** Thousands of processes or networks take long to look through: however often that is asked for, a fifth of the time goes there. */
const restFactor = 4;
const mostNetworks = 64;

export function createHeldConnections(options: EndHeldOptions): HeldConnections {
  const refused = new Map<string, Refused>();
  let timer: NodeJS.Timeout | undefined;
  let restUntil = 0;
  const endAll = (): void => {
    const started = performance.now();
    timer = undefined;
    const now = [...refused];
    refused.clear();
    for (const [id, { place, peers }] of now) endOnes(options.pidsOf(place), new Set(options.groupsOf(id)), peers);
    const ended = performance.now();
    restUntil = ended + restFactor * (ended - started);
  };
  return {
    see(event) {
      if (!isHeldAndRefused(event)) return;
      const place = options.placeOf(event.cgroupId);
      if (place === undefined) return;
      const known = refused.get(place.id) ?? { place, peers: new Set() };
      refused.set(place.id, known);
      if (known.peers.size < mostPeers) known.peers.add(`${event.address} ${event.port}`);
      timer ??= setTimeout(endAll, Math.max(gatherMs, restUntil - performance.now())).unref();
    },
    close: () => clearTimeout(timer),
  };
}

/** A packet that begins a connection: others are refused when they are asked for. */
function isHeldAndRefused({ kind, protection, verdict, details }: KernelEvent): boolean {
  if (kind !== "send" || protection !== "network" || verdict !== "denied") return false;
  return details["protocol"] === IPPROTO_TCP && details["type"] === SOCK_STREAM;
}

function endOnes(pids: readonly number[], groups: ReadonlySet<number>, peers: ReadonlySet<string>): void {
  for (const pid of onePerNetwork(pids).slice(0, mostNetworks)) {
    try {
      const sockets = openTcpSockets(pid);
      try {
        for (const socket of sockets.list("begun")) {
          if (!groups.has(socket.cgroupId) || !peers.has(`${formatPeer(socket.peer)} ${socket.peerPort}`)) continue;
          sockets.end(socket);
        }
      } finally {
        sockets.close();
      }
    } catch {
      // The container is gone, or this kernel ends no sockets: nothing goes out either way, its program only waits longer.
    }
  }
}

/** @param folder of the hierarchy of version 2 */
export function pidsIn(folder: string): EndHeldOptions["pidsOf"] {
  return ({ cgroupPath }) => pidsBelow(`${folder}/${cgroupPath}`);
}
