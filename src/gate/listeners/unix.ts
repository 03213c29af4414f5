// A unix socket: the usual way to an engine. The kernel knows who connected.

import type { Socket } from "node:net";
import { seePeer } from "../../identity/see-peer.ts";
import type { PeerConnection } from "../../model/connection.ts";
import type { Listener } from "../listener.ts";
import { createGateServer } from "../transport/http-server.ts";
import { descriptorOf } from "../transport/socket-handle.ts";
import { listenOnUnix } from "../transport/unix-socket.ts";

export const unix: Listener = {
  name: "unix",
  summary: "a unix socket, callers named by the kernel",
  needs: { platforms: ["linux", "darwin"] },
  async open(profile, options, onExchange) {
    const { server, close } = createGateServer({ profile, options, onExchange, peerOf });
    const { address, remove } = await listenOnUnix(server, options);
    return {
      address,
      async close(graceMs = 2000) {
        await remove();
        await close(graceMs);
      },
    };
  },
};

function peerOf(socket: Socket): PeerConnection | undefined {
  const fd = descriptorOf(socket);
  return fd === undefined ? undefined : { transport: "unix", fd, seen: seePeer(fd) };
}
