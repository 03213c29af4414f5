// One HTTP request to a registry or to where it sends us, with redirects followed only where that is safe.

import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { http, https } from "../../base/node-http.ts";
import { isPrivateAddress } from "../../base/private-address.ts";
import { withDeadlines } from "../deadlines.ts";
import type { SourceSettings } from "../source.ts";
import { guardedLookup, privateAddress } from "./address-guard.ts";

export type Endpoint = {
  /** `registry.example:5000`: the only host that gets credentials, and that may have a private address. */
  readonly host: string;
  /** No TLS. */
  readonly isInsecure: boolean;
};

export type Sending = {
  readonly endpoint: Endpoint;
  /** GET when absent; only GET and HEAD follow redirects. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT";
  readonly body?: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** "" for none; goes to the endpoint alone. */
  readonly authorization: string;
  readonly settings: SourceSettings;
};

const maxRedirects = 5;
const redirects: readonly (number | undefined)[] = [301, 302, 303, 307, 308];

/** @throws PlimsollError REGISTRY_UNREACHABLE, REGISTRY_REFUSED, LIMIT_EXCEEDED past a deadline */
export async function send(url: URL, sending: Sending): Promise<IncomingMessage> {
  let at = url;
  for (let count = 0; count <= maxRedirects; count += 1) {
    checkUrl(at, sending.endpoint);
    const answer = await sendOnce(at, sending);
    const { location } = answer.headers;
    const isWrite = sending.method === "POST" || sending.method === "PUT";
    if (isWrite || !redirects.includes(answer.statusCode) || location === undefined) return answer;
    answer.destroy();
    at = resolve(location, at);
  }
  throw refused(`more than ${maxRedirects} redirects`);
}

export function originOf({ host, isInsecure }: Endpoint): string {
  return `${isInsecure ? "http" : "https"}://${host}`;
}

function resolve(location: string, from: URL): URL {
  try {
    return new URL(location, from);
  } catch (cause) {
    throw refused(`a redirect to ${JSON.stringify(location.slice(0, 200))}`, cause);
  }
}

/** TLS always, except with the one host that is listed as insecure. */
function checkUrl(url: URL, endpoint: Endpoint): void {
  const isOwn = url.origin === new URL(originOf(endpoint)).origin;
  if (url.protocol !== "https:" && !isOwn) throw refused(`sends us on to ${url.protocol}//${url.host}, without TLS`);
  if (url.username !== "" || url.password !== "") throw refused("sends us on to an address with credentials in it");
  const address = url.hostname.replace(/^\[|\]$/g, "");
  if (!isOwn && isIP(address) !== 0 && isPrivateAddress(address)) throw privateAddress(url.host);
}

async function sendOnce(url: URL, sending: Sending): Promise<IncomingMessage> {
  const { endpoint, headers, authorization, settings, method = "GET", body } = sending;
  const isOwn = url.origin === new URL(originOf(endpoint)).origin;
  const { request } = url.protocol === "https:" ? https() : http();
  const all = {
    "Accept-Encoding": "identity",
    "User-Agent": "plimsoll",
    ...headers,
    ...(body === undefined ? {} : { "Content-Length": body.byteLength }),
    ...(isOwn && authorization !== "" ? { Authorization: authorization } : {}),
  };
  return await new Promise((fulfil, reject) => {
    const asked = request(url, { method, headers: all, agent: false, ...(isOwn ? {} : { lookup: guardedLookup }) });
    withDeadlines(asked, settings);
    asked.on("response", fulfil);
    asked.on("error", (cause) => {
      asked.destroy();
      reject(asUnreachable(url.host, cause));
    });
    asked.end(body);
  });
}

export function refused(what: string, cause?: unknown): PlimsollError {
  return new PlimsollError("REGISTRY_REFUSED", `registry: ${what}`, {
    hint: "check the name of the image, and who runs that registry",
    cause,
  });
}

/** Troubles of the connection as a documented error; others as they are. */
export function asUnreachable(host: string, cause: unknown): PlimsollError {
  if (cause instanceof PlimsollError) return cause;
  return new PlimsollError("REGISTRY_UNREACHABLE", `registry ${host}: ${errorText(cause)}`, {
    hint: "check the name and the network; a registry without TLS has to be listed as insecure",
    cause,
  });
}
