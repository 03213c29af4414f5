// The head of an engine's answer. Heads of one connection are often the same, byte for byte, or but for their date.
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

type KnownHead = {
  readonly key: string;
  readonly isHeadRequest: boolean;
  /** As it came last, and what it said: within one second the same head comes again and again. */
  text: string;
  read: ReturnType<ReadHead>;
};

/** A connection brings few different heads, but for the date in them. */
const maxKnown = 4;

/** One for each connection. */
export function createHeadReader(): ReadHead {
  const known: KnownHead[] = [];
  return (text, isHeadRequest) => {
    for (const head of known) if (head.text === text && head.isHeadRequest === isHeadRequest) return head.read;
    const { key, date } = withoutDate(text);
    const before = known.find((head) => head.key === key && head.isHeadRequest === isHeadRequest);
    if (before !== undefined) {
      before.read = withDate(before.read, date);
      before.text = text;
      return before.read;
    }
    const read = parseHead(text, isHeadRequest);
    if (known.length >= maxKnown) known.shift();
    known.push({ key, isHeadRequest, text, read });
    return read;
  };
}

const dateName = "\r\nDate: ";
const dateLength = "Sun, 06 Nov 1994 08:49:37 GMT".length;
const isDate = /^[A-Za-z0-9,: ]+$/;

/** The date stands in one line of its own, in the one form that engines write; "" in any other. */
function withoutDate(text: string): { readonly key: string; readonly date: string } {
  const start = text.indexOf(dateName) + dateName.length;
  const end = start + dateLength;
  const date = text.slice(start, end);
  const isLine = end === text.length || text.startsWith("\r\n", end);
  const isOne = start > dateName.length && text.indexOf(dateName, end) < 0;
  return isLine && isOne && isDate.test(date)
    ? { key: text.slice(0, start) + text.slice(end), date }
    : { key: text, date: "" };
}

function withDate({ head, length }: ReturnType<ReadHead>, date: string): ReturnType<ReadHead> {
  if (date === "") return { head, length };
  const { rawHeaders, endToEnd, withoutLength } = head;
  const dated = (headers: readonly string[]): readonly string[] => headers.with(headers.indexOf("Date") + 1, date);
  return {
    head: { ...head, rawHeaders: dated(rawHeaders), endToEnd: dated(endToEnd), withoutLength: dated(withoutLength) },
    length,
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
