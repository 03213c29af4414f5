// The request line and headers that the engine gets.

import { malformed } from "../../base/errors.ts";
import type { EngineRequest, RequestHead } from "../call.ts";
import { areSafeHeaders, endToEndHeaders, headBytes, headerValue, isSafeTarget } from "./headers.ts";

export type PreparedRequest = {
  readonly head: string;
  /** The body goes in chunks. */
  readonly isChunked: boolean;
};

const upgrades: ReadonlySet<string> = new Set(["tcp", "h2c", "websocket"]);
const webSocketHeaders = ["sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol", "origin"] as const;
const ownHeaders: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "upgrade",
]);

/** Written from the canonical request; of the caller's head only framing and the wish to upgrade are looked at. */
export function requestForEngine(request: EngineRequest, head: RequestHead, isTunnel: boolean): PreparedRequest {
  if (!isSafeTarget(request.target) || !/^[A-Z]+$/.test(request.method) || !areSafeHeaders(request.headers)) {
    throw malformed("request", "a target or header that could end its line");
  }
  const headers = ["Host", "docker"];
  for (const [name, value] of Object.entries(request.headers)) {
    if (ownHeaders.has(name.toLowerCase())) continue;
    for (const single of typeof value === "string" ? [value] : value) headers.push(name, single);
  }
  const isChunked = pushFraming(headers, request.body, head);
  if (isTunnel) pushUpgrade(headers, head);
  return { head: headBytes(`${request.method} ${request.target} HTTP/1.1`, headers), isChunked };
}

/**
 * The caller's own words, without what belongs to its connection.
 * @param bodyLength when the whole body is known already
 */
export function untouchedRequest(head: RequestHead, bodyLength: number | undefined): PreparedRequest {
  if (!isSafeTarget(head.target)) throw malformed("request", "a target with characters outside visible ASCII");
  const headers = endToEndHeaders(head.rawHeaders, expectations);
  if (headerValue(headers, "host") === undefined) headers.push("Host", "docker");
  if (bodyLength !== undefined) {
    const kept = endToEndHeaders(headers, lengths);
    pushUpgrade(kept, head);
    if (bodyLength > 0) kept.push("Content-Length", String(bodyLength));
    return { head: headBytes(`${head.method} ${head.target} HTTP/1.1`, kept), isChunked: false };
  }
  const isChunked = headerValue(head.rawHeaders, "transfer-encoding") !== undefined;
  if (isChunked) headers.push("Transfer-Encoding", "chunked");
  return { head: headBytes(`${head.method} ${head.target} HTTP/1.1`, headers), isChunked };
}

const expectations: ReadonlySet<string> = new Set(["expect"]);
const lengths: ReadonlySet<string> = new Set(["content-length"]);

function pushFraming(headers: string[], body: EngineRequest["body"], head: RequestHead): boolean {
  if (body.kind === "bytes") headers.push("Content-Length", String(body.bytes.length));
  if (body.kind !== "stream") return false;
  const length = headerValue(head.rawHeaders, "content-length");
  const isChanged = body.inspect?.change !== undefined; // its length will be another
  const isChunked = isChanged || length === undefined || !/^\d{1,15}$/.test(length);
  if (isChunked) headers.push("Transfer-Encoding", "chunked");
  else headers.push("Content-Length", String(Number(length)));
  return isChunked;
}

/** Without an Upgrade header of the caller the engine hijacks the connection with a plain 200. */
function pushUpgrade(headers: string[], head: RequestHead): void {
  const asked = headerValue(head.rawHeaders, "upgrade")?.toLowerCase();
  if (asked === undefined || !upgrades.has(asked)) return;
  headers.push("Connection", "Upgrade", "Upgrade", asked);
  if (asked !== "websocket") return;
  for (const name of webSocketHeaders) {
    const value = headerValue(head.rawHeaders, name);
    if (value !== undefined && headerValue(headers, name) === undefined) headers.push(name, value);
  }
}
