// As whom a server on a unix socket runs: the kernel notes it when the server starts to listen.
// Source: unix(7), SO_PEERCRED: for a connecting process, the credentials of the process that called listen(2).

import { once } from "node:events";
import { connect } from "node:net";
import { peerCredentials } from "../../base/native/peer-credentials.ts";

/** @returns 0 (the worst that can be) when it cannot be told */
export async function serverUid(path: string): Promise<number> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    const handle: unknown = Reflect.get(socket, "_handle");
    const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
    return typeof fd === "number" ? peerCredentials(fd, { pidfd: false }).uid : 0;
  } catch {
    return 0;
  } finally {
    socket.destroy();
  }
}
