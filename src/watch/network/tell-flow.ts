// A conversation that the tracker knows -> the event that rules judge, with what its far end is called and whose it is.

import type { DnsHistory } from "./dns-history.ts";
import { type KnownName, toFlowEvent } from "./flow-event.ts";
import type { FlowTrackerOptions, TrackedFlow } from "./flow-tracker.ts";

export type FlowTeller = {
  tell(kind: "flow" | "flow-ended", flow: TrackedFlow): void;
  /** As which name the container heard of this address last. */
  nameOf(containerId: string, address: string): KnownName | undefined;
};

type TellerOptions = Pick<FlowTrackerOptions, "containerAt" | "resolversOf" | "resolversKnown" | "tell">;

const maxWaiting = 256;

export function createFlowTeller(dns: DnsHistory, options: TellerOptions): FlowTeller {
  const nameOf = (containerId: string, address: string): KnownName | undefined => {
    const heard = dns.nameOf(containerId, address);
    return heard && { name: heard.name, from: placeOf(containerId, heard.server, options) };
  };
  const tellNow: FlowTeller["tell"] = (kind, flow) => {
    const { containerId, last, said } = flow;
    options.tell(
      toFlowEvent(kind, {
        ...{ flow, process: flow.process, name: nameOf(containerId, last.peerAddress) },
        peerContainer: options.containerAt(last.peerAddress),
        // Nobody is told of as long as it is not known.
        isResolver: placeOf(containerId, last.peerAddress, options) !== "elsewhere",
        namesBelow: dns.namesBelow(containerId, said.dns?.name ?? ""),
      }),
    );
  };
  let waiting = 0;
  return {
    nameOf,
    tell(kind, flow) {
      const { containerId, said, last } = flow;
      const isKnown = said.dns === undefined || placeOf(containerId, last.peerAddress, options) !== "unknown";
      if (isKnown || waiting >= maxWaiting) return tellNow(kind, flow);
      // What a container asks before the engine has said whom it is to ask is judged when that is known.
      waiting++;
      const asItWas = { ...flow, said: { ...said } };
      void options.resolversKnown(containerId).then(() => {
        waiting--;
        tellNow(kind, asItWas);
      });
    },
  };
}

function placeOf(containerId: string, server: string, { resolversOf }: TellerOptions): KnownName["from"] {
  const known = resolversOf(containerId);
  if (server === "127.0.0.11" || known?.includes(server) === true) return "resolver";
  return known === undefined ? "unknown" : "elsewhere";
}
