// A list that has become narrower holds for connections that are open, too: those that it would not let begin are ended. They
// are looked for when the kernel already judges by the new list, so nothing can begin unseen in between.

import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { ContainerPlace, KernelEvent, NetworkPermit, ProtectionLevel } from "../../model/watch.ts";
import { describeProcess, nobody } from "../process-events/describe-process.ts";
import { onePerNetwork, pidsBelow } from "./container-pids.ts";
import { formatPeer, openTcpSockets, type TcpSocket, type TcpSockets } from "./tcp-sockets.ts";

export type CutStreamsOptions = {
  /** Of the hierarchy of version 2. */
  readonly folder: string;
  placesOf(containerId: string): readonly { readonly cgroupId: number; readonly place: ContainerPlace }[];
  levelOf(containerId: string): ProtectionLevel;
  /** As the kernel judges now. @param address 16 bytes */
  isPermitted(containerId: string, direction: "out" | "in", address: Buffer, port: number): boolean;
  /** Who began it, where the kernel has seen that. */
  beganOf(cgroupId: number, socket: TcpSocket): "out" | "in" | undefined;
  tell(event: KernelEvent): void;
  nowMs(): number;
};

export interface CutStreams {
  /**
   * At `detect` they are only told.
   * @param kept addresses that names of the list stood for at some time: who got there by a name may stay
   * @returns how many there were @throws Error with the kernel's reason
   */
  cut(containerId: string, kept: readonly NetworkPermit[]): number;
}

const mostTold = 64;
const mostLookedInto = 256;
const mostDescriptors = 4096;
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;

export function createCutStreams(options: CutStreamsOptions): CutStreams {
  return {
    cut(containerId, kept) {
      const level = options.levelOf(containerId);
      const places = options.placesOf(containerId);
      const top = places[0]?.place;
      if (level === "off" || top === undefined) return 0;
      const groups = new Set(places.map(({ cgroupId }) => cgroupId));
      const pids = pidsBelow(join(options.folder, top.cgroupPath));
      let count = 0;
      for (const pid of onePerNetwork(pids)) {
        const sockets = openTcpSockets(pid);
        try {
          const unwanted = findUnwanted(sockets, { ...options, containerId, groups, kept: toKeys(kept) });
          for (const socket of unwanted) {
            if (level === "block" && !sockets.end(socket)) continue;
            if (++count <= mostTold) options.tell(toEvent(socket, { pids, level, top, nowMs: options.nowMs() }));
          }
        } finally {
          sockets.close();
        }
      }
      return count;
    },
  };
}

type Judging = Pick<CutStreamsOptions, "isPermitted" | "beganOf"> & {
  readonly containerId: string;
  readonly groups: ReadonlySet<number>;
  readonly kept: ReadonlySet<string>;
};

function findUnwanted(sockets: TcpSockets, judging: Judging): readonly TcpSocket[] {
  const all = sockets.list();
  const { containerId, isPermitted, kept } = judging;
  const listening = new Map<number, TcpSocket[]>();
  for (const socket of all) {
    if (!socket.isListening) continue;
    const same = listening.get(socket.localPort);
    if (same === undefined) listening.set(socket.localPort, [socket]);
    else same.push(socket);
  }
  const mayStay = (socket: TcpSocket): boolean => {
    const here = listening.get(socket.localPort) ?? [];
    // What nobody saw begin came in, when somebody waits for connections at that port.
    const began = judging.beganOf(socket.cgroupId, socket) ?? (here.length > 0 ? "in" : "out");
    if (began === "in") {
      const own = here.length > 0 ? here : [socket];
      return own.some(({ local, localPort }) => isPermitted(containerId, "in", local, localPort));
    }
    const { peer, peerPort } = socket;
    if (isPermitted(containerId, "out", peer, peerPort)) return true;
    return [0, peerPort].some((port) => kept.has(`${formatPeer(peer)} ${port}`));
  };
  return all.filter((socket) => !socket.isListening && judging.groups.has(socket.cgroupId) && !mayStay(socket));
}

function toKeys(permits: readonly NetworkPermit[]): ReadonlySet<string> {
  return new Set(permits.map(({ to, port }) => `${to} ${port}`));
}

type Telling = {
  readonly pids: readonly number[];
  readonly level: ProtectionLevel;
  readonly top: ContainerPlace;
  readonly nowMs: number;
};

function toEvent(socket: TcpSocket, { pids, level, top, nowMs }: Telling): KernelEvent {
  const owner = ownerOf(socket.inode, pids);
  const found = owner === undefined ? undefined : describeProcess(owner);
  return {
    ...{ kind: "connect", time: nowMs, cgroupId: socket.cgroupId || top.topCgroupId, process: found?.facts ?? nobody },
    ...{ verdict: level === "block" ? "denied" : "seen", protection: "network", path: "", origin: undefined },
    ...{ argv: [], isCut: false, address: formatPeer(socket.peer), port: socket.peerPort },
    ...{ targetPid: 0, targetCgroupId: 0, details: { type: SOCK_STREAM, protocol: IPPROTO_TCP, wasOpen: 1 } },
  };
}

/** Who holds it; of several the first. */
function ownerOf(inode: number, pids: readonly number[]): number | undefined {
  const wanted = `socket:[${inode}]`;
  return pids.slice(0, mostLookedInto).find((pid) => {
    const folder = `/proc/${pid}/fd`;
    return readNames(folder).some((name) => linkOf(join(folder, name)) === wanted);
  });
}

function readNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).slice(0, mostDescriptors);
  } catch {
    return []; // it is gone
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed meanwhile
  }
}
