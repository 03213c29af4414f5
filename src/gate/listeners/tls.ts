// TCP with TLS 1.3 and client certificates: the way for callers on other hosts.
// A Go client that closes its sending half mid-stream needs `allowHalfOpen`, or the output of `docker run -i` is lost.

import type { AddressInfo, Socket } from "node:net";
import { type TlsOptions as NodeTlsOptions, TLSSocket } from "node:tls";
import { errorText, PlimsollError } from "../../base/errors.ts";
import type { PeerConnection } from "../../model/connection.ts";
import type { Listener, ListenerOptions, TlsOptions } from "../listener.ts";
import { createGateServer, type GateServer } from "../transport/http-server.ts";

export const tls: Listener = {
  name: "tls",
  summary: "TCP with TLS 1.3, callers named by their client certificate",
  needs: { network: true },
  async open(profile, options, onExchange) {
    const gateServer = createServer(options, (tlsOptions) =>
      createGateServer({ profile, options, onExchange, peerOf, tls: tlsOptions }),
    );
    const address = await listen(gateServer, options);
    return { address, close: (graceMs = 2000) => gateServer.close(graceMs) };
  },
};

function createServer(options: ListenerOptions, create: (tlsOptions: NodeTlsOptions) => GateServer): GateServer {
  if (options.tls === undefined) throw invalid("no certificate, key and client authority");
  try {
    return create(toNodeOptions(options.tls));
  } catch (cause) {
    throw invalid(errorText(cause), cause);
  }
}

function toNodeOptions({ certificate, key, clientAuthority }: TlsOptions): NodeTlsOptions & { allowHalfOpen: boolean } {
  return {
    cert: toBuffer(certificate),
    key: toBuffer(key),
    ca: toBuffer(clientAuthority),
    minVersion: "TLSv1.3",
    requestCert: true,
    rejectUnauthorized: true,
    allowHalfOpen: true,
    handshakeTimeout: 10_000,
    // Every connection shows its certificate again: a session of one that has expired is not continued.
    sessionTimeout: 1,
    ALPNProtocols: ["http/1.1"],
  };
}

function toBuffer(text: string | Uint8Array): Buffer {
  return typeof text === "string" ? Buffer.from(text) : Buffer.from(text);
}

function peerOf(socket: Socket): PeerConnection | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const certificate = socket.getPeerX509Certificate();
  const remoteAddress = socket.remoteAddress ?? "";
  return certificate === undefined
    ? { transport: "tls", remoteAddress }
    : { transport: "tls", remoteAddress, certificate: certificate.raw };
}

function listen({ server }: GateServer, options: ListenerOptions): Promise<string> {
  const { fd, host = "127.0.0.1", port = 2376 } = options;
  const where = fd === undefined ? { host, port } : { fd };
  const name = fd === undefined ? `${host}:${port}` : `fd:${fd}`;
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => reject(failed(name, cause));
    server.once("error", onError);
    server.listen({ ...where, backlog: 4096 }, () => {
      server.off("error", onError);
      resolve(addressText(server.address()) ?? name);
    });
  });
}

function addressText(address: AddressInfo | string | null): string | undefined {
  if (address === null || typeof address === "string") return undefined;
  return address.family === "IPv6" ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
}

function failed(name: string, cause: Error): PlimsollError {
  return new PlimsollError("LISTEN_FAILED", `cannot listen on ${name}: ${errorText(cause)}`, {
    hint: "choose another port, or stop the program that holds it",
    cause,
  });
}

function invalid(what: string, cause?: unknown): PlimsollError {
  return new PlimsollError("CONFIG_INVALID", `tls listener: ${what}`, {
    hint: "give PEM files for the server's certificate and key, and for the authority of the clients",
    cause,
  });
}
