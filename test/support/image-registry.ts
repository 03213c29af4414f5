// A registry on loopback that serves made images, and misbehaves on demand.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Blob, MadeImage } from "./oci-image.ts";
import { types } from "./oci-image.ts";

export type ImageRegistry = {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** `METHOD PATH` of every request, in order, with the Authorization header behind it where there was one. */
  readonly requests: readonly string[];
  readonly headers: readonly IncomingMessage["headers"][];
};

/** @returns true when the request was answered */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse, count: number) => boolean;

type Context = { readonly after: (work: () => Promise<void>) => void };

/** @param manifests by tag or digest, with their media type; the image's own under `1` and its digest */
export async function startImageRegistry(
  t: Context,
  image: MadeImage,
  misbehave: Misbehaviour = () => false,
  manifests: Readonly<Record<string, { readonly blob: Blob; readonly type: string }>> = {},
): Promise<ImageRegistry> {
  const requests: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const own = { blob: image.manifest, type: types.manifest };
  const all = new Map(Object.entries({ "1": own, [image.manifest.digest]: own, ...manifests }));
  const blobs = new Map(image.blobs.map((blob) => [blob.digest, blob.bytes]));
  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    requests.push(`${request.method} ${request.url}${authorization === undefined ? "" : ` (${authorization})`}`);
    headers.push(request.headers);
    if (misbehave(request, response, requests.length)) return;
    const reference = /^\/v2\/app\/manifests\/(.+)$/.exec(request.url ?? "")?.[1] ?? "";
    const digest = /^\/v2\/app\/blobs\/(.+)$/.exec(request.url ?? "")?.[1] ?? "";
    const manifest = all.get(reference);
    const bytes = manifest?.blob.bytes ?? blobs.get(digest);
    if (bytes === undefined) response.writeHead(404).end();
    else sendRange(request, response, bytes, manifest?.type ?? "application/octet-stream");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return { host: `127.0.0.1:${portOf(server.address())}`, requests, headers };
}

function sendRange(request: IncomingMessage, response: ServerResponse, bytes: Buffer, type: string): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const head = { "Content-Type": type, "Content-Length": bytes.length - start };
  if (start === 0) response.writeHead(200, head);
  else response.writeHead(206, { ...head, "Content-Range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` });
  response.end(bytes.subarray(start));
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === "string") throw new Error("the registry does not listen");
  return address.port;
}
