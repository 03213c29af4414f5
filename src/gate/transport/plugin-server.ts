// The HTTP side of the authorization-plugin protocol: three calls, JSON both ways.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { errorText } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";
import { http } from "../../base/node-http.ts";
import type { ListenerProfile } from "../call.ts";
import type { OnExchange } from "../listener.ts";
import { PluginExchange } from "./plugin-exchange.ts";
import { readQuestion } from "./plugin-question.ts";

/** A request body of at most 4 MiB, in base64, and its headers. */
const maxQuestionBytes = 8 * 1024 * 1024;
const contentType = "application/vnd.docker.plugins.v1.1+json";

export function createPluginServer(
  profile: ListenerProfile,
  onExchange: OnExchange,
): { server: Server; close(graceMs: number): Promise<void> } {
  const server = http().createServer({ maxHeaderSize: 16 * 1024, headersTimeout: 20_000, requestTimeout: 60_000 });
  server.on("request", (request, response) => {
    answer(request, profile, onExchange).then(
      (reply) => send(response, 200, reply),
      // The engine refuses the call when its plugin fails.
      (error: unknown) => send(response, 500, { Allow: false, Err: `plimsoll: ${errorText(error)}` }),
    );
  });
  return {
    server,
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

async function answer(request: IncomingMessage, profile: ListenerProfile, onExchange: OnExchange): Promise<unknown> {
  const body = await readAll(request);
  switch (`${request.method} ${request.url}`) {
    case "POST /Plugin.Activate":
      return { Implements: ["authz"] };
    case "POST /AuthZPlugin.AuthZReq":
      return await ask(body, profile, onExchange);
    case "POST /AuthZPlugin.AuthZRes":
      // What the engine did is not undone by hiding its answer; the verdict fell before.
      return { Allow: true };
    default:
      throw new Error(`no such call: ${request.method} ${request.url}`);
  }
}

async function ask(body: Buffer, profile: ListenerProfile, onExchange: OnExchange): Promise<unknown> {
  const question = readQuestion(decodeJson(body, { maxBytes: maxQuestionBytes, duplicates: "exact" }));
  const exchange = new PluginExchange(profile, question);
  await onExchange(exchange);
  return exchange.verdict;
}

function readAll(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    request.on("data", (piece: Buffer) => {
      length += piece.length;
      if (length <= maxQuestionBytes) pieces.push(piece);
      else reject(new Error(`a question of more than ${maxQuestionBytes} bytes`));
    });
    request.on("end", () => resolve(Buffer.concat(pieces)));
    request.on("error", reject);
  });
}

function send(response: ServerResponse, status: number, reply: unknown): void {
  const body = Buffer.from(JSON.stringify(reply));
  response.writeHead(status, { "Content-Type": contentType, "Content-Length": body.length });
  response.end(body);
}
