// One way to name a caller. Runs in the turn of the event loop that accepted the connection, so it never waits.

import type { Plugin } from "../base/plugin.ts";
import type { PeerConnection } from "../model/connection.ts";
import type { Principal } from "../model/principal.ts";
import type { Accounts } from "./accounts.ts";

export type IdentitySettings = {
  /** Names of users and groups of this host. */
  readonly accounts: Accounts;
  /** SHA-256 of public keys (SPKI), lower-case hex; when not empty, no other certificate is known. */
  readonly pins: readonly string[];
};

export interface IdentityProvider extends Plugin {
  /**
   * @returns undefined when this is not a connection of its kind, so that the next provider may try
   * @throws PlimsollError NOT_AUTHENTICATED when it is, and its caller cannot be named beyond doubt
   */
  identify(peer: PeerConnection, settings: IdentitySettings): Principal | undefined;
}
