// First packets of conversations -> events of the kinds `flow` and `flow-ended`, which rules judge like any other. What goes
// over loopback is left out. Bounded in conversations and names; what is pushed out is told as ended.

import type { KernelEvent, SeenPacket } from "../../model/watch.ts";
import { type Conversation, learn, newConversation } from "./conversation.ts";
import { createDnsHistory, type DnsHistory } from "./dns-history.ts";
import type { FlowFacts, KnownName } from "./flow-event.ts";
import type { Heard } from "./named-permits.ts";
import { createFlowTeller } from "./tell-flow.ts";

export type FlowTrackerOptions = {
  /** Of the container that a group belongs to; "" when it is none. */
  containerIdOf(cgroupId: number): string;
  /** Name of the container that has this address; "" for none. */
  containerAt(address: string): string;
  /** Those that this container was given to ask for names; undefined while it is not known. */
  resolversOf(containerId: string): readonly string[] | undefined;
  /** Resolves when they are, or nobody can say. */
  resolversKnown(containerId: string): Promise<void>;
  /** A container asks for a name, or was told addresses for it. */
  onName(containerId: string, heard: Heard): void;
  tell(event: KernelEvent): void;
};

export interface FlowTracker {
  see(packet: SeenPacket): void;
  /** Who listens is who gets what comes in. */
  listens(event: KernelEvent): void;
  /** Ends what has been silent. Called now and then. */
  sweep(nowMs: number): void;
  /** As which name the container heard of this address last. */
  nameOf(containerId: string, address: string): KnownName | undefined;
  size(): number;
  pushedOut(): number;
}

export type TrackedFlow = {
  readonly containerId: string;
  readonly said: Conversation;
  readonly startedMs: number;
  readonly isOutgoing: boolean;
  /** Of what was seen last. */
  last: SeenPacket;
  process: FlowFacts["process"];
};

const maxFlows = 8_192;
const maxListeners = 4_096;
const idleMs = 120_000;
const DNS = 53;

export function createFlowTracker(options: FlowTrackerOptions): FlowTracker {
  const flows = new Map<string, TrackedFlow>();
  const listeners = createListeners();
  const dns = createDnsHistory();
  let pushedOut = 0;
  const { tell, nameOf } = createFlowTeller(dns, options);
  const begin = (key: string, packet: SeenPacket): TrackedFlow => {
    const [oldest] = flows.size >= maxFlows ? flows : [];
    if (oldest !== undefined) {
      pushedOut++;
      flows.delete(oldest[0]);
      tell("flow-ended", oldest[1]);
    }
    const isOutgoing = packet.began === "unknown" ? packet.localPort >= packet.peerPort : packet.began === "out";
    const containerId = options.containerIdOf(packet.cgroupId);
    const listener = isOutgoing ? undefined : listeners.at(containerId, packet.localPort);
    const flow: TrackedFlow = {
      ...{ containerId, isOutgoing, said: newConversation(packet.protocol), startedMs: packet.time, last: packet },
      process: listener ?? processOf(packet),
    };
    flow.said.clientHead?.begin(0);
    flow.said.serverHead?.begin(0);
    flows.set(key, flow);
    return flow;
  };
  return {
    see(packet) {
      const key = keyOf(packet);
      const flow = flows.get(key) ?? begin(key, packet);
      flow.last = { ...packet, payload: none };
      if (packet.pid > 0 && flow.isOutgoing) flow.process = processOf(packet);
      if (packet.kind === "end") {
        flows.delete(key);
        tell("flow-ended", flow);
        return;
      }
      const { protocol, sequence, payload, isOutgoing } = packet;
      if (protocol === "udp" && !isOfNames(packet, flow)) return;
      const isFromClient = isOutgoing === flow.isOutgoing;
      learn(flow.said, { protocol, isFromClient, sequence, payload }, () => {
        hearName(flow, isFromClient, dns, options);
        tell("flow", flow);
      });
    },
    listens: (event) => listeners.add(options.containerIdOf(event.cgroupId), event),
    sweep(nowMs) {
      for (const [key, flow] of flows) {
        if (nowMs - flow.last.time < idleMs) continue;
        flows.delete(key);
        tell("flow-ended", flow);
      }
      dns.sweep(nowMs);
    },
    nameOf,
    size: () => flows.size,
    pushedOut: () => pushedOut,
  };
}

function createListeners() {
  const known = new Map<string, FlowFacts["process"]>();
  return {
    at: (containerId: string, port: number): FlowFacts["process"] | undefined => known.get(`${containerId} ${port}`),
    add(containerId: string, { port, process }: KernelEvent): void {
      const key = `${containerId} ${port}`;
      known.delete(key);
      const [oldest] = known.size >= maxListeners ? known.keys() : [];
      if (oldest !== undefined) known.delete(oldest);
      known.set(key, process);
    },
  };
}

const none = new Uint8Array();

function keyOf({ cgroupId, protocol, localAddress, localPort, peerAddress, peerPort }: SeenPacket): string {
  return `${cgroupId} ${protocol} ${localAddress} ${localPort} ${peerAddress} ${peerPort}`;
}

function processOf({ pid, threadId, startedAt, processName }: SeenPacket): FlowFacts["process"] {
  return { pid, threadId, startedAt, name: processName };
}

/** The engine's resolver is asked by a port that its rules change. */
function isOfNames({ peerPort, localPort, peerAddress }: SeenPacket, { isOutgoing }: TrackedFlow): boolean {
  return isOutgoing ? peerPort === DNS || peerAddress === "127.0.0.11" : localPort === DNS;
}

/** What the container asked, and what answers it: an answer that nobody asked for is none. */
function hearName(flow: TrackedFlow, isFromClient: boolean, dns: DnsHistory, options: FlowTrackerOptions): void {
  const { containerId, last, said } = flow;
  if (said.dns === undefined || !flow.isOutgoing) return;
  const { name, addresses, isAnswer } = said.dns;
  if (isFromClient && !isAnswer) {
    dns.asked(containerId, name, last.time);
    options.onName(containerId, { name, addresses: [], timeMs: last.time });
  }
  if (isFromClient || !isAnswer || !dns.wasAsked(containerId, name)) return;
  for (const address of addresses) {
    dns.answered(containerId, address, { name, server: last.peerAddress });
  }
  options.onName(containerId, { name, addresses, timeMs: last.time });
}
