// One conversation of a container: who began it, what it is called, how much went each way.

import type { CertificateFacts } from "./tls-hello.ts";

export type Flow = {
  readonly protocol: "tcp" | "udp";
  /** Who began it, as far as that was seen. */
  readonly isOutgoing: boolean;
  readonly localAddress: string;
  readonly localPort: number;
  readonly peerAddress: string;
  readonly peerPort: number;
  /** The DNS name under which the container learnt of the peer; "" when it did not ask. */
  readonly peerName: string;
  /** Who said so: whom the container is to ask, or somebody else, who may say anything; "" without a name. */
  readonly peerNameFrom: "resolver" | "elsewhere" | "unknown" | "";
  /** The container that has the peer's address; "" for none. */
  readonly peerContainer: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly packetsOut: number;
  readonly packetsIn: number;
  readonly http:
    | { readonly method: string; readonly host: string; readonly path: string; readonly userAgent: string }
    | undefined;
  readonly tls:
    | {
        readonly serverName: string;
        readonly protocols: readonly string[];
        /** TLS 1.3 shows none. */
        readonly certificate: CertificateFacts | undefined;
      }
    | undefined;
  readonly dns:
    | {
        readonly name: string;
        readonly type: string;
        readonly addresses: readonly string[];
        readonly isAnswer: boolean;
      }
    | undefined;
  /** Signs of an attack in what was sent, by name: `jndi`, `sql-injection`. */
  readonly signs: readonly string[];
};
