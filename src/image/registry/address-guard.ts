// Where a registry sends us on to must be out in the world: never to this machine, its network, or a cloud's metadata service.
// The check is made on the address that is connected to, after the name was looked up.
// Source: CVE-2020-15157 for tokens sent to an attacker.

import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { PlimsollError } from "../../base/errors.ts";
import { isPrivateAddress } from "../../base/private-address.ts";

/** Looks a name up and refuses private addresses, every one of them. */
export const guardedLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) {
      done(error ?? new Error(`no address for ${host}`), "", 0);
    } else if (addresses.some(({ address }) => isPrivateAddress(address))) {
      done(privateAddress(host), "", 0);
    } else if (options.all === true) {
      done(null, addresses);
    } else {
      done(null, first.address, first.family);
    }
  });
};

export function privateAddress(host: string): PlimsollError {
  return new PlimsollError("REGISTRY_REFUSED", `registry: sends us on to ${host}, a private address`, {
    hint: "fetch the image from a registry that serves it itself",
  });
}
