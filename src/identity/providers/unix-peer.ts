// Callers of a unix socket, by what the kernel noted when they connected: user, groups, process, container.

import { closeSync } from "node:fs";
import { PlimsollError } from "../../base/errors.ts";
import { type PeerCredentials, peerCredentials } from "../../base/native/peer-credentials.ts";
import type { CallerProcess, Principal } from "../../model/principal.ts";
import { readCallerProcess } from "../caller-process.ts";
import { isMappedUid } from "../id-map.ts";
import type { IdentityProvider, IdentitySettings } from "../provider.ts";

export const unixPeer: IdentityProvider = {
  name: "unix-peer",
  summary: "callers of a unix socket: user, groups, program and container, told by the kernel",
  needs: { platforms: ["linux"] },
  identify(peer, settings) {
    if (peer.transport !== "unix") return undefined;
    const credentials = peerCredentials(peer.fd);
    try {
      return toPrincipal(credentials, readCallerProcess(credentials), settings);
    } finally {
      if (credentials.pidfd !== undefined) closeSync(credentials.pidfd);
    }
  },
};

function toPrincipal(credentials: PeerCredentials, process: CallerProcess, settings: IdentitySettings): Principal {
  return process.container === undefined
    ? hostPrincipal(credentials, process, settings)
    : containerPrincipal(process.container, process);
}

/** Numbers of users inside a container mean nothing outside: the container itself is the caller. */
function containerPrincipal(container: string, process: CallerProcess): Principal {
  const id = `container:${container}`;
  return {
    id,
    kind: "container",
    name: container.slice(0, 12),
    groups: [],
    owner: id,
    provider: unixPeer.name,
    process,
  };
}

function hostPrincipal(credentials: PeerCredentials, process: CallerProcess, settings: IdentitySettings): Principal {
  if (!isMappedUid(credentials.uid)) throw unmapped(credentials.uid);
  const name = settings.accounts.userName(credentials.uid);
  const groups = [credentials.gid, ...credentials.groups].map((gid) => `unix:${settings.accounts.groupName(gid)}`);
  const id = `unix:${name}`;
  return {
    id,
    kind: "unix",
    name,
    groups: [...new Set(groups)].sort(),
    owner: id,
    provider: unixPeer.name,
    process,
  };
}

function unmapped(uid: number): PlimsollError {
  return new PlimsollError(
    "NOT_AUTHENTICATED",
    `caller with uid ${uid}: several users share this number in our namespace`,
    {
      hint: "run Plimsoll outside of a user namespace to tell other users apart",
    },
  );
}
