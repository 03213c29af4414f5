// Looks at the other end of a unix socket. Listeners do so in the turn that accepts the connection: without a pidfd (before
// Linux 6.5) a process id that is looked up later may have been used again, perhaps by a process with more rights.

import { closeSync } from "node:fs";
import { peerCredentials } from "../base/native/peer-credentials.ts";
import type { SeenPeer } from "../model/connection.ts";
import { readCallerProcess } from "./caller-process.ts";

/** Never throws: what could not be seen is refused when the caller is to be named. */
export function seePeer(fd: number): SeenPeer {
  try {
    const credentials = peerCredentials(fd);
    try {
      const process = readCallerProcess(credentials);
      return { kind: "process", process, gids: [credentials.gid, ...credentials.groups] };
    } finally {
      if (credentials.pidfd !== undefined) closeSync(credentials.pidfd);
    }
  } catch (thrown) {
    return { kind: "unclear", error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }
}
