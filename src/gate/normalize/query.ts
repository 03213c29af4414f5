// The query string -> typed values. One reading: single values stand once, booleans are 1 or 0, JSON is canonical.
// Source: net/url ParseQuery; moby/moby, daemon/server/httputils/form.go (BoolValue, Int64ValueOrZero).

import { bodySchemas } from "../../engine/body-schema.ts";
import type { QueryType, Route } from "../../engine/route.ts";
import type { ListenerProfile } from "../call.ts";
import { canonicalQueryJson } from "./query-json.ts";
import { quoted, refused, unknownField } from "./refused.ts";

export type Query = Readonly<Record<string, readonly string[]>>;

/** Sent by clients out of habit; no engine reads them, and none gets them. docker-py: the last two. */
const ignoredParameters: ReadonlySet<string> = new Set(["hijack", "message", "trunc_cmd", "only_ids"]);
/** Their absence means yes, and engines differ on what an empty value means. */
const yesByDefault: ReadonlySet<string> = new Set(["stream", "quiet", "pause", "rm"]);
const maxParameters = 1000;

/** @throws Refusal */
export function readQuery(route: Route, raw: string, unknownFields: ListenerProfile["unknownFields"]): Query {
  const query: Record<string, string[]> = Object.create(null);
  if (raw === "") return query;
  for (const [key, value] of splitQuery(raw)) {
    const type = route.surface === "libpod" ? "list" : route.query[key];
    if (type === undefined) {
      if (unknownFields === "refuse" && !isIgnored(route, key, value)) throw unknownField("query", key);
      continue;
    }
    const canonical = canonicalValue(type, key, value);
    if (canonical === undefined) continue;
    const known = query[key];
    if (known === undefined) query[key] = [canonical];
    else if (type === "list") known.push(canonical);
    else throw twice(key);
  }
  return query;
}

/** An unknown parameter that says no says nothing; dockerode repeats the fields of a body in the query. */
function isIgnored(route: Route, key: string, value: string): boolean {
  if (ignoredParameters.has(key) || isNo(value)) return true;
  const schema = route.body.kind === "json" ? bodySchemas[route.body.schema] : undefined;
  return schema?.kind === "object" && Object.hasOwn(schema.fields, key);
}

function splitQuery(raw: string): readonly (readonly [key: string, value: string])[] {
  if (raw.includes(";")) throw badQuery("a semicolon, which readers take for a separator or for text", "write %3B");
  const pairs = raw.split("&").filter((pair) => pair !== "");
  if (pairs.length > maxParameters) throw badQuery(`more than ${maxParameters} parameters`, "send fewer");
  return pairs.map((pair) => {
    const equals = pair.indexOf("=");
    return equals < 0
      ? [decodeQuery(pair), ""]
      : [decodeQuery(pair.slice(0, equals)), decodeQuery(pair.slice(equals + 1))];
  });
}

function decodeQuery(text: string): string {
  const spaced = text.replaceAll("+", " ");
  if (!spaced.includes("%")) return spaced;
  try {
    const decoded = decodeURIComponent(spaced);
    if (decoded.includes("\0")) throw badQuery("a NUL character", "remove it");
    return decoded;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw badQuery("invalid percent-encoding", "encode the value as UTF-8");
  }
}

/** undefined: the engine takes it for absent. An empty value is absent for all but lists. */
function canonicalValue(type: QueryType, key: string, value: string): string | undefined {
  if (value === "" && type !== "list") {
    if (yesByDefault.has(key)) throw badQuery(`${quoted(key)} without a value`, `write ${key}=1 or ${key}=0`);
    return undefined;
  }
  switch (type) {
    case "boolean":
      return isNo(value) ? "0" : "1";
    case "integer":
      return canonicalInteger(key, value);
    case "json":
      return canonicalQueryJson(key, value);
    case "list":
      return key === "platform" || key === "platforms" ? canonicalQueryJson("platform", value) : value;
    default:
      return value;
  }
}

/** What the engine reads as false, after trimming and lower-casing. */
function isNo(value: string): boolean {
  return ["", "0", "no", "false", "none"].includes(value.trim().toLowerCase());
}

function canonicalInteger(key: string, value: string): string {
  const integer = /^[+-]?\d{1,19}$/.test(value) ? BigInt(value.replace("+", "")) : undefined;
  if (integer === undefined || BigInt.asIntN(64, integer) !== integer) {
    // Reasons are recorded: only what looks like a number is repeated in one, a token in the wrong place is not.
    const found = /^[\d.+-]{1,24}$/.test(value) ? quoted(value) : "other characters";
    throw badQuery(`${quoted(key)}: expected a whole number, found ${found}`, "send a number of 64 bits");
  }
  return String(integer);
}

function twice(key: string): Error {
  return refused({
    code: "AMBIGUOUS_INPUT",
    slug: "duplicate-query",
    reason: `query: ${quoted(key)} stands twice`,
    hint: "send each parameter once",
  });
}

function badQuery(what: string, hint: string): Error {
  return refused({ slug: "query", reason: `query: ${what}`, hint });
}
