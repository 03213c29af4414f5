// The strict decoder at nearly the speed of JSON.parse, for documents of a sender that we trust not to attack us by its
// keys: an engine's answers. JSON.parse reads, one walk proves that nothing was lost (no duplicate key, no integer beyond
// 2^53, no half surrogate); in every other case base/json.ts reads the document again, or refuses it.

import type { JsonValue } from "../model/json.ts";
import { decodeJson, type JsonLimits } from "./json.ts";
import { decodeText } from "./json-text.ts";

type Census = { keys: number; readonly maxDepth: number };

/**
 * Like `decodeJson` with exact keys, but objects have Object's prototype: look up keys from outside by Object.hasOwn.
 * @throws PlimsollError as decodeJson does
 */
export function decodePlainJson(bytes: Uint8Array, limits: Omit<JsonLimits, "duplicates"> = {}): JsonValue {
  const value =
    bytes.byteLength <= (limits.maxBytes ?? 4 * 1024 * 1024) ? parse(bytes, limits.maxDepth ?? 64) : undefined;
  return value ?? decodeJson(bytes, { ...limits, duplicates: "exact" });
}

/** undefined: not valid, or not certain to be what the exact decoder makes of it. */
function parse(bytes: Uint8Array, maxDepth: number): JsonValue | undefined {
  try {
    const text = decodeText(bytes);
    if (/\\u[dD]/.test(text)) return undefined;
    const value: unknown = JSON.parse(text);
    const census = { keys: 0, maxDepth };
    return isExact(value, census, 0) && census.keys === countKeys(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Every key is followed by a colon; a string that looks like that as well only makes the count too high. */
function countKeys(text: string): number {
  return text.match(/"[ \t\r\n]*:/g)?.length ?? 0;
}

function isExact(value: unknown, census: Census, depth: number): value is JsonValue {
  if (typeof value === "number")
    return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
  if (typeof value !== "object" || value === null) return true;
  if (depth === census.maxDepth) return false;
  const isList = Array.isArray(value);
  const members: readonly unknown[] = isList ? value : Object.values(value);
  if (!isList) census.keys += members.length;
  for (const member of members) {
    if (typeof member !== "string" && !isExact(member, census, depth + 1)) return false;
  }
  return true;
}
