// The common case at nearly the speed of JSON.parse: it reads, then one walk proves that nothing was lost: no duplicate
// key, no integer beyond 2^53, no half surrogate. In every other case, errors included, json-reader.ts has the word.

import type { JsonValue } from "../model/json.ts";

type Census = { keys: number; readonly maxDepth: number };

/** undefined: broken, or not certain to be what `readDocument` makes of it. Objects have Object's prototype. */
export function readPlain(text: string, maxDepth: number): JsonValue | undefined {
  if (/\\u[dD]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const census = { keys: 0, maxDepth };
    return isExact(value, census, 0) && census.keys === countKeys(text) ? value : undefined;
  } catch {
    return undefined; // the reader says where it is broken
  }
}

/** Every key is followed by a colon; a string that looks like that as well only makes the count too high. */
function countKeys(text: string): number {
  let keys = 0;
  for (let at = text.indexOf('":'); at >= 0; at = text.indexOf('":', at + 2)) keys += 1;
  return keys + (/"[ \t\r\n]+:/.test(text) ? (text.match(/"[ \t\r\n]+:/g)?.length ?? 0) : 0);
}

function isExact(value: unknown, census: Census, depth: number): value is JsonValue {
  if (typeof value === "number") return isExactNumber(value);
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

function isExactNumber(value: number): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
}
