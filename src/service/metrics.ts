// GET /metrics on an address of the operator's choice: Prometheus text, nothing else.

import type { Server } from "node:http";
import { errorText, PlimsollError } from "../base/errors.ts";
import { http } from "../base/node-http.ts";
import type { NetworkAddress } from "../cli/configuration/configuration.ts";

export type MetricsEndpoint = { close(): Promise<void> };

/** @param text renders the metrics of this moment. @throws PlimsollError LISTEN_FAILED */
export async function serveMetrics(address: NetworkAddress | undefined, text: () => string): Promise<MetricsEndpoint> {
  if (address === undefined) return { close: async () => undefined };
  const server = http().createServer(
    { maxHeaderSize: 8192, headersTimeout: 5_000, requestTimeout: 5_000 },
    (request, response) => {
      const isMetrics = request.method === "GET" && request.url === "/metrics";
      response.writeHead(isMetrics ? 200 : 404, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
      response.end(isMetrics ? text() : "plimsoll: only GET /metrics is here\n");
    },
  );
  server.maxConnections = 64;
  await listen(server, address);
  return { close: () => closeServer(server) };
}

function listen(server: Server, { host, port }: NetworkAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new PlimsollError("LISTEN_FAILED", `metrics: ${errorText(cause)}`, {
          hint: "choose another address for metrics.listen",
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
