// Node's strict HTTP parser in front of every exchange: one server for each listener.
// Limits: 64 KiB of headers (X-Registry-Config carries credentials of many registries), 20 s for a head to arrive, no
// time-out on bodies and streams, because builds, logs and events take as long as they take.

import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { TlsOptions as NodeTlsOptions } from "node:tls";
import { http, https } from "../../base/node-http.ts";
import type { PeerConnection } from "../../model/connection.ts";
import type { ListenerProfile } from "../call.ts";
import type { ListenerOptions, OnExchange } from "../listener.ts";
import { EnginePool } from "./engine-pool.ts";
import { headBytes } from "./headers.ts";
import { HttpExchange } from "./http-exchange.ts";
import { messageBody } from "./message-body.ts";

export type HttpServerOptions = {
  readonly profile: ListenerProfile;
  readonly options: ListenerOptions;
  readonly onExchange: OnExchange;
  /** Asked once for each connection, in the turn that accepts it; the same object comes with every exchange on it. */
  readonly peerOf: (socket: Socket) => PeerConnection | undefined;
  readonly tls?: NodeTlsOptions;
};

export type GateServer = {
  readonly server: Server;
  close(graceMs: number): Promise<void>;
};

const limits: ServerOptions = {
  insecureHTTPParser: false,
  // Checked below: what Node refuses by itself would not be on record.
  requireHostHeader: false,
  maxHeaderSize: 64 * 1024,
  headersTimeout: 20_000,
  connectionsCheckingInterval: 5_000,
  requestTimeout: 0,
  keepAliveTimeout: 0,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
  highWaterMark: 256 * 1024,
};
const maxHeaders = 200;
const defaultMaxConnections = 16_384;

export function createGateServer(parts: HttpServerOptions): GateServer {
  const { options } = parts;
  const pool = new EnginePool(options.engineSocket, options.engineHeaders);
  const server =
    parts.tls === undefined ? http().createServer(limits) : https().createServer({ ...limits, ...parts.tls });
  const sockets = new Set<Socket>();
  const peers = new WeakMap<Socket, PeerConnection>();
  server.maxHeadersCount = maxHeaders;
  server.maxConnections = options.maxConnections ?? defaultMaxConnections;
  server.timeout = 0;
  server.on(parts.tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const peer = parts.peerOf(socket);
    if (peer !== undefined) peers.set(socket, peer);
  });
  serveExchanges(server, parts, pool, peers);
  refuseTheRest(server, parts);
  return { server, close: (graceMs) => closeServer(server, sockets, pool, graceMs) };
}

type Peers = WeakMap<Socket, PeerConnection>;

function serveExchanges(server: Server, parts: HttpServerOptions, pool: EnginePool, peers: Peers): void {
  const { profile, onExchange } = parts;
  const serve = (request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void => {
    const { socket } = request;
    if (request.httpVersion === "1.1" && request.headers.host === undefined) {
      return void refuseMalformed(parts, socket, 400, "an HTTP/1.1 request names its host");
    }
    const peer = peers.get(socket);
    if (peer === undefined) return void socket.destroy();
    request.on("error", ignore);
    onExchange(new HttpExchange({ profile, peer, pool, request, response, awaitsContinue })).catch(() =>
      socket.destroy(),
    );
  };
  server.on("request", (request, response) => serve(request, response, false));
  server.on("checkContinue", (request, response) => serve(request, response, true));
}

/** One sentence, a record, and the connection closes. */
function refuseMalformed(parts: HttpServerOptions, socket: Socket, status: number, reason: string): void {
  const answer = (): void => answerMalformed(socket, status, reason);
  const recorded = parts.options.onMalformed?.({ profile: parts.profile, status, reason });
  recorded === undefined ? answer() : recorded.then(answer, () => socket.destroy());
}

/** What is no request for us. */
function refuseTheRest(server: Server, parts: HttpServerOptions): void {
  const refuse = (socket: Socket, status: number, reason: string): void =>
    refuseMalformed(parts, socket, status, reason);
  server.on("checkExpectation", (request: IncomingMessage) =>
    refuse(request.socket, 417, "the only expectation is 100-continue"),
  );
  server.on("connect", (_request, socket: Socket) => refuse(socket, 405, "CONNECT is no call of the engine's API"));
  server.on("clientError", (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    refuse(socket, ...explain(error));
  });
}

function explain(error: { readonly code?: string | undefined; readonly rawPacket?: Buffer }): [number, string] {
  if (error.rawPacket?.subarray(0, 14).toString("latin1") === "PRI * HTTP/2.0") {
    return [
      505,
      "BuildKit's own protocol (HTTP/2) is not served on this socket; set DOCKER_BUILDKIT=0 for the classic builder, or use a remote builder",
    ];
  }
  if (error.code === "HPE_HEADER_OVERFLOW") return [431, "the request's headers are longer than 64 KiB"];
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") return [408, "the request's head did not arrive within 20 seconds"];
  return [400, `the request is not valid HTTP/1.1 (${error.code ?? "unknown"})`];
}

function answerMalformed(socket: Socket, status: number, reason: string): void {
  if (!socket.writable || isAnswering(socket)) return void socket.destroy();
  const body = messageBody(reason);
  const headers = ["Content-Type", "application/json", "Content-Length", String(body.length), "Connection", "close"];
  socket.on("error", ignore);
  socket.write(headBytes(`HTTP/1.1 ${status} Refused`, headers), "latin1");
  socket.end(body, () => socket.destroySoon());
}

/** Another answer has begun on this connection: nothing may be written into its middle. */
function isAnswering(socket: Socket): boolean {
  const message: unknown = Reflect.get(socket, "_httpMessage");
  return message instanceof http().ServerResponse && message.headersSent;
}

async function closeServer(
  server: Server,
  sockets: ReadonlySet<Socket>,
  pool: EnginePool,
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, graceMs);
  await closed;
  clearTimeout(cut);
  pool.close();
}

function ignore(): void {}
