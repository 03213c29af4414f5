// Packets of one container -> flows. Bounded: a flood of connections pushes out the oldest and is counted, never forgotten.

import { type Conversation, learn, newConversation } from "./conversation.ts";
import { type Packet, tcpFlags } from "./decode-packet.ts";
import type { Flow } from "./flow.ts";

export type FlowTableOptions = {
  /** Called once for each flow, when it has ended or was pushed out. */
  readonly onEnd: (flow: Flow) => void;
  /** Called when something is first known of a flow: a name, a request, a sign. */
  readonly onLearnt?: (flow: Flow) => void;
  readonly maxFlows?: number;
  /** Name of the container that has this address; "" for none. */
  readonly containerAt?: (address: string) => string;
  /** Whom the container is to ask for names; undefined while it is not known. */
  readonly resolvers?: () => readonly string[] | undefined;
  /** Flows that are silent so long are over. */
  readonly idleMs?: number;
};

export interface FlowTable {
  /** @param isOutgoing sent by the container @param timeMs since 1970 @param length on the wire */
  see(packet: Packet, isOutgoing: boolean, timeMs: number, length: number): void;
  /** Ends what has been silent for too long. */
  sweep(timeMs: number): void;
  current(): readonly Flow[];
  /** Flows that were pushed out by newer ones. */
  pushedOut(): number;
  close(): void;
}

type Side = { bytes: number; packets: number; isFinished: boolean };

type Entry = {
  readonly key: string;
  readonly protocol: "tcp" | "udp";
  readonly isOutgoing: boolean;
  readonly local: { readonly address: string; readonly port: number };
  readonly peer: { readonly address: string; readonly port: number };
  readonly startedMs: number;
  lastMs: number;
  /** Who began, and who answers. */
  readonly client: Side;
  readonly server: Side;
  readonly said: Conversation;
  /** Told; kept a while for packets that come late. */
  isEnded: boolean;
};

const defaultMaxFlows = 2048;
const defaultIdleMs = 120_000;
const maxNames = 4096;
const lateMs = 5000;

export function createFlowTable(options: FlowTableOptions): FlowTable {
  const entries = new Map<string, Entry>();
  const names = new Map<string, NamedBy>();
  let pushedOut = 0;
  const maxFlows = options.maxFlows ?? defaultMaxFlows;
  const describe = (entry: Entry): Flow => toFlow(entry, peerOf(entry, names.get(entry.peer.address), options));
  const end = (entry: Entry): void => {
    if (entry.isEnded) return;
    entry.isEnded = true;
    options.onEnd(describe(entry));
  };
  const drop = (entry: Entry): void => {
    end(entry);
    entries.delete(entry.key);
  };
  const begin = (packet: Packet, isSentByContainer: boolean, timeMs: number): Entry => {
    const [oldest] = entries.size >= maxFlows ? entries.values() : [];
    if (oldest !== undefined) {
      if (!oldest.isEnded) pushedOut++;
      drop(oldest);
    }
    const entry = newEntry(packet, isSentByContainer, timeMs);
    entries.set(entry.key, entry);
    return entry;
  };
  return {
    see(packet, isSentByContainer, timeMs, length) {
      const known = entries.get(keyOf(packet, isSentByContainer));
      // The same two ports may begin anew.
      const isAgain = known?.isEnded === true && (packet.flags & tcpFlags.syn) !== 0;
      const entry = known === undefined || isAgain ? begin(packet, isSentByContainer, timeMs) : known;
      if (entry.isEnded) return;
      entry.lastMs = timeMs;
      const isFromClient = isSentByContainer === entry.isOutgoing;
      const side = isFromClient ? entry.client : entry.server;
      side.bytes += length;
      side.packets += 1;
      hear(entry, isFromClient, packet, () => {
        const { dns } = entry.said;
        // An answer that comes to a question of its own, and to no other.
        const isAnswer = dns?.isAnswer === true && !isFromClient && entry.isOutgoing && entry.client.packets > 0;
        if (isAnswer)
          for (const address of dns.addresses) remember(names, address, { name: dns.name, server: entry.peer.address });
        options.onLearnt?.(describe(entry));
      });
      if (packet.protocol !== "tcp") return;
      if ((packet.flags & tcpFlags.fin) !== 0) side.isFinished = true;
      if ((packet.flags & tcpFlags.rst) !== 0 || (entry.client.isFinished && entry.server.isFinished)) end(entry);
    },
    sweep(timeMs) {
      const idleMs = options.idleMs ?? defaultIdleMs;
      for (const entry of [...entries.values()])
        if (timeMs - entry.lastMs > (entry.isEnded ? lateMs : idleMs)) drop(entry);
    },
    current: () => [...entries.values()].filter(({ isEnded }) => !isEnded).map(describe),
    pushedOut: () => pushedOut,
    close() {
      for (const entry of [...entries.values()]) drop(entry);
    },
  };
}

function keyOf(packet: Packet, isSentByContainer: boolean): string {
  const { source, sourcePort, destination, destinationPort } = packet;
  return isSentByContainer
    ? `${packet.protocol} ${source} ${sourcePort} ${destination} ${destinationPort}`
    : `${packet.protocol} ${destination} ${destinationPort} ${source} ${sourcePort}`;
}

function newEntry(packet: Packet, isSentByContainer: boolean, startedMs: number): Entry {
  const { source, sourcePort, destination, destinationPort, flags, protocol } = packet;
  const sender = { address: source, port: sourcePort };
  const receiver = { address: destination, port: destinationPort };
  // An answer to an opening tells that the other one began; so does a packet that comes from a well-known port, when the opening was not seen.
  const isAnswer =
    protocol === "tcp" && (flags & tcpFlags.syn) !== 0
      ? (flags & tcpFlags.ack) !== 0
      : sourcePort < 1024 && destinationPort >= 1024;
  return {
    key: keyOf(packet, isSentByContainer),
    protocol,
    isOutgoing: isSentByContainer !== isAnswer,
    local: isSentByContainer ? sender : receiver,
    peer: isSentByContainer ? receiver : sender,
    startedMs,
    lastMs: startedMs,
    client: { bytes: 0, packets: 0, isFinished: false },
    server: { bytes: 0, packets: 0, isFinished: false },
    said: newConversation(protocol),
    isEnded: false,
  };
}

function hear(entry: Entry, isFromClient: boolean, packet: Packet, onLearnt: () => void): void {
  const { protocol, sequence, payload, flags } = packet;
  const head = isFromClient ? entry.said.clientHead : entry.said.serverHead;
  if ((flags & tcpFlags.syn) !== 0) head?.begin(sequence + 1);
  if (protocol === "udp" && packet.sourcePort !== 53 && packet.destinationPort !== 53) return;
  learn(entry.said, { protocol, isFromClient, sequence, payload }, onLearnt);
}

type NamedBy = { readonly name: string; readonly server: string };
type Peer = Pick<Flow, "peerName" | "peerNameFrom" | "peerContainer">;

function peerOf({ peer }: Entry, named: NamedBy | undefined, { containerAt, resolvers }: FlowTableOptions): Peer {
  const known = resolvers?.();
  const from = known === undefined ? "unknown" : known.includes(named?.server ?? "") ? "resolver" : "elsewhere";
  return {
    peerName: named?.name ?? "",
    peerNameFrom: named === undefined ? "" : from,
    peerContainer: containerAt?.(peer.address) ?? "",
  };
}

function remember(names: Map<string, NamedBy>, address: string, name: NamedBy): void {
  names.delete(address);
  const [oldest] = names.size >= maxNames ? names.keys() : [];
  if (oldest !== undefined) names.delete(oldest);
  names.set(address, name);
}

function toFlow(entry: Entry, peer: Peer): Flow {
  const { said } = entry;
  const [out, back] = entry.isOutgoing ? [entry.client, entry.server] : [entry.server, entry.client];
  return {
    protocol: entry.protocol,
    isOutgoing: entry.isOutgoing,
    localAddress: entry.local.address,
    localPort: entry.local.port,
    peerAddress: entry.peer.address,
    peerPort: entry.peer.port,
    ...peer,
    startedAt: new Date(entry.startedMs).toISOString(),
    endedAt: new Date(entry.lastMs).toISOString(),
    bytesOut: out.bytes,
    bytesIn: back.bytes,
    packetsOut: out.packets,
    packetsIn: back.packets,
    ...{ http: said.http, tls: said.tls, dns: said.dns, signs: said.signs },
  };
}
