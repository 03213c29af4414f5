// Strict JSON: one reading for every document, or none. Where Go's encoding/json and JSON.parse would read the same bytes
// differently (duplicate keys, keys that differ only in case, big integers, trailing data), this decoder refuses or keeps
// the exact value. Source: RFC 8259; go/src/encoding/json/{decode,fold}.go.

import type { JsonValue } from "../model/json.ts";
import { limitExceeded } from "./errors.ts";
import { readPlain } from "./json-plain.ts";
import { readDocument } from "./json-reader.ts";
import { decodeText } from "./json-text.ts";

export { foldKey } from "./fold-key.ts";

export type JsonLimits = {
  /** Whole document, in bytes. */
  readonly maxBytes?: number;
  /** Objects and arrays inside one another. */
  readonly maxDepth?: number;
  /**
   * `folded` (default): keys that Go takes for the same struct field are duplicates. `exact`: only equal keys are, for
   * documents whose maps may hold `a` and `A`; a schema then has to refuse folded duplicates where it knows the fields.
   * Exact documents are read faster, into objects that may have Object's prototype: find keys from outside by
   * Object.hasOwn or Object.entries.
   */
  readonly duplicates?: "folded" | "exact";
};

const defaultMaxBytes = 4 * 1024 * 1024;
const defaultMaxDepth = 64;
const encoder = new TextEncoder();

/**
 * Reads one JSON document.
 * @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED, or AMBIGUOUS_INPUT for duplicate keys; each names the byte offset
 */
export function decodeJson(bytes: Uint8Array, limits: JsonLimits = {}): JsonValue {
  const maxBytes = limits.maxBytes ?? defaultMaxBytes;
  if (bytes.byteLength > maxBytes) throw limitExceeded("JSON", `${bytes.byteLength} bytes, at most ${maxBytes}`);
  const text = decodeText(bytes);
  const maxDepth = limits.maxDepth ?? defaultMaxDepth;
  if (limits.duplicates !== "exact") return readDocument(text, maxDepth, true);
  return readPlain(text, maxDepth) ?? readDocument(text, maxDepth, false);
}

/** Writes compact JSON; integers of any size stay exact. */
export function encodeJson(value: JsonValue): Uint8Array {
  return encoder.encode(stringifyJson(value));
}

/** Compact JSON as text. */
export function stringifyJson(value: JsonValue): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // The only thing in a JsonValue that JSON.stringify cannot write is a bigint.
    if (!(error instanceof TypeError)) throw error;
    return writeExactly(value);
  }
}

function writeExactly(value: JsonValue): string {
  if (typeof value === "bigint") return String(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(writeExactly).join(",")}]`;
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${writeExactly(member)}`);
  return `{${members.join(",")}}`;
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
