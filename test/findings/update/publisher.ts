// A publisher on loopback: serves bytes under paths, with marks and ranges as real servers do, and fails where a test wants it.

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export type Publisher = {
  readonly url: string;
  /** `GET /path range=bytes=10-`: what was asked, in order. */
  readonly asked: readonly string[];
  readonly files: Map<string, Uint8Array>;
  /** Takes an answer over instead; returns false to leave it. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
};

export async function startPublisher(t: TestContext, files: Readonly<Record<string, Uint8Array>>): Promise<Publisher> {
  const asked: string[] = [];
  const publisher: Publisher & { url: string } = {
    ...{ url: "", asked, files: new Map(Object.entries(files)) },
    intercept: () => false,
  };
  const server = createServer((request, response) => {
    const { range } = request.headers;
    const condition = request.headers["if-none-match"] === undefined ? "" : " if-none-match";
    asked.push(`GET ${request.url}${range === undefined ? "" : ` ${range}`}${condition}`);
    if (!publisher.intercept(request, response)) answer(publisher, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  publisher.url = `http://127.0.0.1:${address.port}`;
  return publisher;
}

export const etagOf = (content: Uint8Array): string =>
  `"${createHash("sha256").update(content).digest("hex").slice(0, 16)}"`;

function answer(publisher: Publisher, request: IncomingMessage, response: ServerResponse): void {
  const content = publisher.files.get(decodeURIComponent((request.url ?? "").slice(1)));
  if (content === undefined) return void response.writeHead(404).end();
  const etag = etagOf(content);
  if (request.headers["if-none-match"] === etag) return void response.writeHead(304, { etag }).end();
  const start = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
  if (start !== undefined && request.headers["if-range"] === etag) {
    const rest = content.subarray(Number(start));
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response.writeHead(206, { etag, "content-range": range, "content-length": rest.length }).end(rest);
    return;
  }
  response.writeHead(200, { etag, "content-length": content.length }).end(content);
}
