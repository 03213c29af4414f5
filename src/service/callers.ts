// Who speaks on a connection: asked once of the identity providers, kept as long as the connection.

import type { Configuration } from "../cli/configuration/configuration.ts";
import type { ListenerProfile } from "../gate/call.ts";
import type { Exchange } from "../gate/exchange.ts";
import type { Lookup } from "../gate/references/lookup.ts";
import { chooseProviders, identify, identitySettings } from "../identity/identify.ts";
import type { IdentityProvider, IdentitySettings } from "../identity/provider.ts";
import { providers } from "../identity/providers.generated.ts";
import type { PeerConnection } from "../model/connection.ts";
import type { Principal } from "../model/principal.ts";

type Known = { readonly providers: readonly IdentityProvider[]; readonly settings: IdentitySettings };

/** @throws PlimsollError CONFIG_INVALID when a listener names a provider that does not exist */
export function createCallers(
  configuration: Configuration,
  lookup: () => Lookup,
): (exchange: Exchange) => Promise<Principal> {
  const listeners = new Map<string, Known>(
    configuration.listeners.map((listener) => [
      listener.name,
      { providers: chooseProviders(listener.identity, providers), settings: identitySettings({ pins: listener.pins }) },
    ]),
  );
  const named = new WeakMap<PeerConnection, Principal>();
  return async ({ peer, profile }) => {
    const before = named.get(peer);
    if (before !== undefined) return before;
    const known = listeners.get(profile.name) ?? { providers: [], settings: identitySettings() };
    const principal = await withOwner(identify(peer, known.providers, known.settings), profile, lookup());
    named.set(peer, principal);
    return principal;
  };
}

/** What a listener's owner makes belongs to that owner; what a container makes, to whoever owns the container. */
async function withOwner(principal: Principal, profile: ListenerProfile, lookup: Lookup): Promise<Principal> {
  if (profile.owner !== undefined) return { ...principal, owner: profile.owner };
  const container = principal.process?.container;
  if (container === undefined) return principal;
  const owner = (await lookup.container(container))?.owner;
  return owner ? { ...principal, owner } : principal;
}
