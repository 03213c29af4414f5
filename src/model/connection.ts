// The other end of a connection, as the transport sees it: what identity providers start from.

import type { CallerProcess } from "./principal.ts";

export type PeerConnection =
  | {
      readonly transport: "unix" /** File descriptor of the accepted socket; valid only until the next turn of the event loop. */;
      readonly fd: number;
      /** Who it was in the turn that accepted the connection; later, its process id may be somebody else's. */
      readonly seen?: SeenPeer;
    }
  | {
      readonly transport: "tls";
      readonly remoteAddress: string /** DER, verified against the listener's CA; absent when none was sent. */;
      readonly certificate?: Uint8Array;
    }
  | {
      /** The authorization-plugin protocol: the engine tells who called. */
      readonly transport: "authz-plugin";
      /** TLS common name; "" on unix sockets. */
      readonly user: string;
      readonly method: string;
    };

/** What the kernel told of the other end of a unix socket. */
export type SeenPeer =
  | {
      readonly kind: "process";
      readonly process: CallerProcess /** Numbers of all groups. */;
      readonly gids: readonly number[];
    }
  /** Nobody may be named from it: the error says why. */
  | { readonly kind: "unclear"; readonly error: Error };
