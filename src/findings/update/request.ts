// One HTTP request to a publisher: redirects by hand, so that nobody leads us from https to http.

import { errorText, PlimsollError } from "../../base/errors.ts";
import { withoutCredentials } from "../../base/redact-url.ts";

export type Answer = {
  readonly status: number;
  readonly header: (name: string) => string;
  /** Chunks as they come. Has to be read to the end, or left by `return`. */
  readonly body: AsyncIterable<Uint8Array>;
};

/** A failure that may pass: the network, or a server that has trouble. */
export class PassingFailure extends Error {
  readonly isPassing = true;
}

const maxRedirects = 5;
/** Without a byte for so long, a connection counts as dead. */
const idleMs = 60_000;

/**
 * @param outer ends the request from outside
 * @throws PassingFailure when trying again may help; PlimsollError DOWNLOAD_FAILED when not
 */
export async function request(
  url: string,
  headers: Readonly<Record<string, string>>,
  outer?: AbortSignal,
): Promise<Answer> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error(`no byte for ${idleMs / 1000} s`)), idleMs);
  timer.unref();
  const signal = outer === undefined ? idle.signal : AbortSignal.any([outer, idle.signal]);
  try {
    const response = await follow(new URL(url), headers, signal);
    const chunks = response.body ?? [];
    return {
      status: response.status,
      header: (name) => response.headers.get(name) ?? "",
      body: watched(chunks, timer, outer),
    };
  } catch (cause) {
    clearTimeout(timer);
    throw translate(cause, url, outer);
  }
}

async function follow(start: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
  let { url, authorization } = splitCredentials(start);
  for (let count = 0; count <= maxRedirects; count += 1) {
    const response = await fetch(url, {
      headers: { "accept-encoding": "identity", "user-agent": "plimsoll", ...headers, ...authorization },
      redirect: "manual",
      signal,
    });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || response.status === 304 || location === null)
      return response;
    await response.body?.cancel();
    const next = new URL(location, url);
    if (url.protocol === "https:" && next.protocol !== "https:") throw refused(url, `leads to ${next.protocol}//`);
    if (next.protocol !== "https:" && next.protocol !== "http:") throw refused(url, `leads to ${next.protocol}`);
    // Another host gets no password of ours.
    if (next.origin !== url.origin) authorization = {};
    url = next;
  }
  throw refused(start, `more than ${maxRedirects} redirects`);
}

/** `https://user:password@mirror/` becomes a header. */
function splitCredentials(url: URL): { url: URL; authorization: Readonly<Record<string, string>> } {
  if (url.username === "" && url.password === "") return { url, authorization: {} };
  const plain = new URL(url);
  plain.username = "";
  plain.password = "";
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { url: plain, authorization: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` } };
}

function refused(url: URL, what: string): PlimsollError {
  return downloadFailed(`${withoutCredentials(url.href)}: ${what}`);
}

export function downloadFailed(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError("DOWNLOAD_FAILED", message, {
    hint: "check the network and the mirrors in the configuration, then run `plimsoll advisories update` again",
    cause,
  });
}

async function* watched(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  timer: NodeJS.Timeout,
  outer: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of chunks) {
      timer.refresh();
      yield chunk;
    }
  } catch (cause) {
    throw translate(cause, "body", outer);
  } finally {
    clearTimeout(timer);
  }
}

function translate(cause: unknown, where: string, outer: AbortSignal | undefined): Error {
  if (cause instanceof PlimsollError) return cause;
  if (outer?.aborted === true) return downloadFailed("stopped", cause);
  const inner = cause instanceof Error && cause.cause !== undefined ? `: ${errorText(cause.cause)}` : "";
  return new PassingFailure(`${withoutCredentials(where)}: ${errorText(cause)}${inner}`, { cause });
}
