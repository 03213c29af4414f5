// The other end of a connection, as the transport sees it: what identity providers start from.

export type PeerConnection =
  | {
      readonly transport: "unix" /** File descriptor of the accepted socket; valid only until the next turn of the event loop. */;
      readonly fd: number;
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
