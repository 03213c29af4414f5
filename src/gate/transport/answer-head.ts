// The head of an engine's answer. Heads of one connection are often the same, byte for byte: the last one is kept.
// Source: RFC 9112, sections 4 (status line) and 6 (framing).

import { PlimsollError } from "../../base/errors.ts";
import { isHopByHop, namedByConnection } from "./headers.ts";

export type AnswerHead = {
  readonly status: number;
  readonly reason: string;
  readonly rawHeaders: readonly string[];
  /** Those of them that may cross the gate. */
  readonly endToEnd: readonly string[];
  /** The same for a body that changes on its way. */
  readonly withoutLength: readonly string[];
  /** Lower case, without parameters; "" when there is none. */
  readonly contentType: string;
  readonly framing: "none" | "length" | "chunked" | "until-close";
  /** The engine will take another request on this connection. */
  readonly keepsAlive: boolean;
};

/** A head, and the bytes of its body where they are counted. @throws PlimsollError ENGINE_ANSWER_INVALID */
export type ReadHead = (text: string, isHeadRequest: boolean) => { readonly head: AnswerHead; readonly length: number };

/** One for each connection. */
export function createHeadReader(): ReadHead {
  let last: { readonly text: string; readonly isHeadRequest: boolean; readonly read: ReturnType<ReadHead> } | undefined;
  return (text, isHeadRequest) => {
    if (last?.text === text && last.isHeadRequest === isHeadRequest) return last.read;
    const read = parseHead(text, isHeadRequest);
    last = { text, isHeadRequest, read };
    return read;
  };
}

function parseHead(text: string, isHeadRequest: boolean): ReturnType<ReadHead> {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const parts = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/.exec(statusLine);
  if (parts === null) throw unreadable("a status line that is not HTTP/1.x");
  const status = Number(parts[2]);
  const rawHeaders: string[] = [];
  const names: string[] = [];
  const known = { connection: "", contentType: "", coding: "", length: "" };
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) throw unreadable("a header without name");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    rawHeaders.push(name, value);
    const lower = name.toLowerCase();
    names.push(lower);
    note(known, lower, value);
  }
  const framing = framingOf(status, known, isHeadRequest);
  const kept = keptOf(rawHeaders, names, known.connection);
  const head: AnswerHead = {
    status,
    reason: parts[3] ?? "",
    rawHeaders,
    ...kept,
    contentType: (known.contentType.split(";", 1)[0] ?? "").trim().toLowerCase(),
    framing,
    keepsAlive: parts[1] === "1" && framing !== "until-close" && !/\bclose\b/i.test(known.connection),
  };
  return { head, length: framing === "length" ? Number(known.length) : 0 };
}

/** @param names of the headers, in lower case @param connection the values of all Connection headers */
function keptOf(raw: readonly string[], names: readonly string[], connection: string) {
  const named = namedByConnection(connection);
  const endToEnd: string[] = [];
  const withoutLength: string[] = [];
  for (const [at, lower] of names.entries()) {
    if (isHopByHop(lower) || named.has(lower)) continue;
    const [name = "", value = ""] = [raw[2 * at], raw[2 * at + 1]];
    endToEnd.push(name, value);
    if (lower !== "content-length") withoutLength.push(name, value);
  }
  return { endToEnd, withoutLength };
}

type KnownHeaders = { connection: string; contentType: string; coding: string; length: string };

function note(known: KnownHeaders, name: string, value: string): void {
  if (name === "connection") known.connection += `,${value}`;
  else if (name === "content-type") known.contentType = value;
  else if (name === "transfer-encoding") known.coding = value.toLowerCase();
  else if (name === "content-length") known.length = value;
}

function framingOf(status: number, known: KnownHeaders, isHeadRequest: boolean): AnswerHead["framing"] {
  if (isHeadRequest || status < 200 || status === 204 || status === 304) return "none";
  if (known.coding !== "") {
    if (known.coding !== "chunked") throw unreadable(`the transfer coding ${known.coding}`);
    return "chunked";
  }
  if (known.length === "") return "until-close";
  if (!/^\d{1,15}$/.test(known.length)) throw unreadable("a content length that is no number");
  return "length";
}

export function unreadable(what: string): PlimsollError {
  return new PlimsollError("ENGINE_ANSWER_INVALID", `engine: ${what} in its answer`, {
    hint: "see the engine's own log; the answer was withheld",
  });
}
