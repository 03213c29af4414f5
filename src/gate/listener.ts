// One way to be called: a unix socket, TLS, the authorization-plugin protocol. The plugins stand in listeners/.

import type { Plugin } from "../base/plugin.ts";
import type { ListenerProfile } from "./call.ts";
import type { Exchange } from "./exchange.ts";

/** Answers one exchange: with `refuse`, `forward` or `forwardUntouched`, once. A rejection closes the caller's connection. */
export type OnExchange = (exchange: Exchange) => Promise<void>;

/** Bytes that are no HTTP request for us: there is no exchange, only a record to write. */
export type MalformedRequest = {
  readonly profile: ListenerProfile;
  /** Status that the caller got. */
  readonly status: number;
  /** One sentence, lower case. */
  readonly reason: string;
};

export type TlsOptions = {
  /** PEM. */
  readonly certificate: string | Uint8Array;
  readonly key: string | Uint8Array;
  /** PEM of the authority whose client certificates are accepted. */
  readonly clientAuthority: string | Uint8Array;
};

export type ListenerOptions = {
  /** The engine's unix socket. */
  readonly engineSocket: string;
  /** Sent with every request to the engine, so that its authorization plugin knows who asks. */
  readonly engineHeaders?: Readonly<Record<string, string>>;
  /** unix and authz-plugin: where the socket file goes. */
  readonly path?: string;
  /** Permission bits of the socket file; 0o660 when absent. */
  readonly fileMode?: number;
  /** Group id of the socket file; the process's own when absent. */
  readonly gid?: number;
  /** Inherited from systemd (LISTEN_FDS), already listening; instead of `path` or `port`. */
  readonly fd?: number;
  /** tls: address to bind, `127.0.0.1`; port 0 lets the system choose. */
  readonly host?: string;
  readonly port?: number;
  readonly tls?: TlsOptions;
  /** Most connections at once; 16384 when absent. */
  readonly maxConnections?: number;
  readonly onMalformed?: (request: MalformedRequest) => Promise<void>;
};

export type OpenListener = {
  /** `/run/plimsoll/docker.sock`, `127.0.0.1:2376` or `fd:3`. */
  readonly address: string;
  /** Refuses new connections, ends idle ones, gives open requests `graceMs` (2000), then cuts them. */
  close(graceMs?: number): Promise<void>;
};

export interface Listener extends Plugin {
  /** @throws PlimsollError LISTEN_FAILED, CONFIG_INVALID */
  open(profile: ListenerProfile, options: ListenerOptions, onExchange: OnExchange): Promise<OpenListener>;
}
