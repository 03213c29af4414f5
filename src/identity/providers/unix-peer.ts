// Callers of a unix socket, by what the kernel noted when they connected: user, groups, process, container.

import { PlimsollError } from "../../base/errors.ts";
import type { CallerProcess, Principal } from "../../model/principal.ts";
import { isMappedUid } from "../id-map.ts";
import type { IdentityProvider, IdentitySettings } from "../provider.ts";
import { seePeer } from "../see-peer.ts";

export const unixPeer: IdentityProvider = {
  name: "unix-peer",
  summary: "callers of a unix socket: user, groups, program and container, told by the kernel",
  needs: { platforms: ["linux"] },
  identify(peer, settings) {
    if (peer.transport !== "unix") return undefined;
    const seen = peer.seen ?? seePeer(peer.fd);
    if (seen.kind === "unclear") throw seen.error;
    const { container } = seen.process;
    return container === undefined
      ? hostPrincipal(seen.process, seen.gids, settings)
      : containerPrincipal(container, seen.process);
  },
};

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

function hostPrincipal(process: CallerProcess, gids: readonly number[], settings: IdentitySettings): Principal {
  if (!isMappedUid(process.uid)) throw unmapped(process.uid);
  const name = settings.accounts.userName(process.uid);
  const groups = gids.map((gid) => `unix:${settings.accounts.groupName(gid)}`);
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
