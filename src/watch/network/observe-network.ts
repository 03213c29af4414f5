// The packets of one container: opened on the host's ends of its interfaces, told from which side they came.

import { PlimsollError } from "../../base/errors.ts";
import { type ContainerLink, findContainerNetwork } from "./container-links.ts";
import { openPacketSocket } from "./packet-socket.ts";

export type ObservedFrame = {
  /** Until the handler returns. */
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly time: bigint;
  /** The container sent it. */
  readonly isOutgoing: boolean;
  /** Index into `links`. */
  readonly link: number;
};

export interface ObservedNetwork {
  readonly links: readonly ContainerLink[];
  dropped(): number;
  close(): void;
}

/**
 * @param pid of a process in the container
 * @throws PlimsollError NEED_MISSING when there is nothing to see: no interface, the host's network, no right
 */
export function observeNetwork(pid: number, onFrame: (frame: ObservedFrame) => void): ObservedNetwork {
  const network = findNetwork(pid);
  using opened = new DisposableStack();
  const sockets = network.map((link, index) => {
    const socket = openPacketSocket({
      interfaceIndex: link.hostIndex,
      onFrame: ({ bytes, length, time, isSent }) => onFrame({ bytes, length, time, isOutgoing: !isSent, link: index }),
    });
    opened.defer(() => socket.close());
    return socket;
  });
  const all = opened.move();
  return {
    links: network,
    dropped: () => sockets.reduce((sum, socket) => sum + socket.dropped(), 0),
    close() {
      all.dispose();
    },
  };
}

function findNetwork(pid: number): readonly ContainerLink[] {
  const network = findContainerNetwork(pid);
  if (network.kind === "host") {
    throw new PlimsollError(
      "NEED_MISSING",
      "the container shares the host's network: its packets cannot be told from the host's",
      {
        hint: "give it a network of its own, or capture on the host's interface with tcpdump",
      },
    );
  }
  if (network.links.length > 0) return network.links;
  throw new PlimsollError("NEED_MISSING", "the container has no interface whose other end is on this host", {
    hint: "networks none, macvlan and ipvlan have none; connect it to a bridge",
  });
}
