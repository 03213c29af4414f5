// A connection -> a principal: the first provider that knows it. Nobody known means nobody served.

import { PlimsollError } from "../base/errors.ts";
import type { PeerConnection } from "../model/connection.ts";
import type { Principal } from "../model/principal.ts";
import { openAccounts } from "./accounts.ts";
import type { IdentityProvider, IdentitySettings } from "./provider.ts";

/** @throws PlimsollError NOT_AUTHENTICATED */
export function identify(
  peer: PeerConnection,
  providers: readonly IdentityProvider[],
  settings: IdentitySettings,
): Principal {
  for (const provider of providers) {
    const principal = provider.identify(peer, settings);
    if (principal !== undefined) return principal;
  }
  const asked = providers.map((provider) => provider.name).join(", ") || "none";
  throw new PlimsollError(
    "NOT_AUTHENTICATED",
    `caller over ${peer.transport}: no identity provider knows it (${asked})`,
    {
      hint: "connect with a client certificate, or add a provider to `identity` of this listener",
    },
  );
}

/** The settings of one listener, with what the operator left out. */
export function identitySettings(chosen: Partial<IdentitySettings> = {}): IdentitySettings {
  return { accounts: chosen.accounts ?? openAccounts(), pins: chosen.pins ?? [] };
}

/** Those of `all` with these names, in this order. @throws PlimsollError CONFIG_INVALID */
export function chooseProviders(
  names: readonly string[],
  all: readonly IdentityProvider[],
): readonly IdentityProvider[] {
  return names.map((name) => {
    const found = all.find((provider) => provider.name === name);
    if (found !== undefined) return found;
    throw new PlimsollError("CONFIG_INVALID", `identity: expected a provider, found "${name}"`, {
      hint: `choose from ${all.map((provider) => provider.name).join(", ")}`,
    });
  });
}
