// One question of the engine: may this request pass? Source: moby pkg/authorization/api.go, type Request.

import { malformed } from "../../base/errors.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { headerValue } from "./headers.ts";

export type PluginQuestion = {
  /** TLS common name; "" on unix sockets. */
  readonly user: string;
  /** `TLS` or "". */
  readonly userMethod: string;
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  /** undefined: the engine did not show one. */
  readonly body?: Uint8Array;
  /** The request has bytes that we are not shown: they could say anything. */
  readonly hidesBody: boolean;
  /** A form body beats the query, and no engine shows it to its plugins. */
  readonly isForm: boolean;
};

/** @throws PlimsollError MALFORMED_INPUT */
export function readQuestion(value: JsonValue): PluginQuestion {
  if (!isObject(value)) throw malformed("authorization question", "expected an object");
  const rawHeaders = readHeaders(value["RequestHeaders"]);
  const body = readBody(value["RequestBody"]);
  const method = textOf(value["RequestMethod"]);
  return {
    user: textOf(value["User"]),
    userMethod: textOf(value["UserAuthNMethod"]),
    method,
    target: textOf(value["RequestUri"]),
    rawHeaders,
    ...(body === undefined ? {} : { body }),
    hidesBody: hidesBody(method, rawHeaders, body),
    isForm: /form/i.test(headerValue(rawHeaders, "content-type") ?? ""),
  };
}

/** Engines give `[]byte`: base64. Absent, null and "" mean that nothing was shown. */
function readBody(value: JsonValue | undefined): Uint8Array | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const text = textOf(value);
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw malformed("authorization question", "a body that is no base64");
  return bytes;
}

function readHeaders(value: JsonValue | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!isObject(value)) throw malformed("authorization question", "headers that are no object");
  return Object.entries(value).flatMap(([name, single]) => [name, textOf(single)]);
}

/**
 * Go puts the length and the coding of a request into fields of their own, and the engine shows only its header map: a
 * body that was sent in chunks leaves no trace there. Where a call may have a body, only one that is shown is believed
 * not to be there.
 */
function hidesBody(method: string, rawHeaders: readonly string[], body: Uint8Array | undefined): boolean {
  if (body !== undefined) return false;
  const type = headerValue(rawHeaders, "content-type") ?? "";
  const length = headerValue(rawHeaders, "content-length");
  if (length !== undefined) return length !== "0";
  return type !== "" && method !== "GET" && method !== "HEAD";
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: JsonValue | undefined): string {
  if (value === undefined) return "";
  if (typeof value !== "string") throw malformed("authorization question", "a field that is no text");
  return value;
}
