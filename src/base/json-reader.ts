// JSON text -> values, character by character. See json.ts for what is refused and why.
// Source: RFC 8259, sections 4 to 7; go/src/encoding/json/decode.go.

import type { JsonValue } from "../model/json.ts";
import { limitExceeded, malformed, PlimsollError } from "./errors.ts";
import { foldKey } from "./fold-key.ts";

type Cursor = {
  readonly text: string;
  at: number;
  depth: number;
  readonly maxDepth: number;
  readonly foldsKeys: boolean;
};

/** Longest number literal; arbitrary-precision integers must not become work without end. */
const maxNumberLength = 400;

/**
 * The one document that the text holds.
 * @param foldsKeys keys that Go takes for one field are duplicates
 * @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED, AMBIGUOUS_INPUT
 */
export function readDocument(text: string, maxDepth: number, foldsKeys: boolean): JsonValue {
  const cursor: Cursor = { text, at: 0, depth: 0, maxDepth, foldsKeys };
  skipSpace(cursor);
  const value = readValue(cursor);
  skipSpace(cursor);
  if (cursor.at < text.length) throw broken(cursor, "data after the end of the document");
  return value;
}

function readValue(cursor: Cursor): JsonValue {
  const code = cursor.text.charCodeAt(cursor.at);
  switch (code) {
    case 0x22:
      return readString(cursor);
    case 0x7b:
      return readNested(cursor, readObject);
    case 0x5b:
      return readNested(cursor, readArray);
    case 0x74:
      return readWord(cursor, "true", true);
    case 0x66:
      return readWord(cursor, "false", false);
    case 0x6e:
      return readWord(cursor, "null", null);
    default:
      return readSmallInteger(cursor, code) ?? readNumber(cursor);
  }
}

function readNested(cursor: Cursor, read: (cursor: Cursor) => JsonValue): JsonValue {
  if (cursor.depth === cursor.maxDepth) {
    throw limitExceeded("JSON", `nested deeper than ${cursor.maxDepth} levels at byte ${byteOffset(cursor)}`);
  }
  cursor.depth += 1;
  cursor.at += 1;
  skipSpace(cursor);
  const value = read(cursor);
  cursor.depth -= 1;
  return value;
}

function readObject(cursor: Cursor): JsonValue {
  const object: Record<string, JsonValue> = Object.create(null);
  const folded = cursor.foldsKeys ? new Set<string>() : undefined;
  if (take(cursor, 0x7d)) return object;
  for (;;) {
    const start = cursor.at;
    const key = readString(cursor);
    if (isDuplicate(object, folded, key)) throw duplicateKey(cursor, key, start);
    skipSpace(cursor);
    if (!take(cursor, 0x3a)) throw broken(cursor, "expected a colon after a key");
    skipSpace(cursor);
    object[key] = readValue(cursor);
    skipSpace(cursor);
    if (take(cursor, 0x7d)) return object;
    if (!take(cursor, 0x2c)) throw broken(cursor, "expected a comma or the end of the object");
    skipSpace(cursor);
  }
}

function readArray(cursor: Cursor): JsonValue {
  const array: JsonValue[] = [];
  if (take(cursor, 0x5d)) return array;
  for (;;) {
    array.push(readValue(cursor));
    skipSpace(cursor);
    if (take(cursor, 0x5d)) return array;
    if (!take(cursor, 0x2c)) throw broken(cursor, "expected a comma or the end of the array");
    skipSpace(cursor);
  }
}

function isDuplicate(object: Record<string, JsonValue>, folded: Set<string> | undefined, key: string): boolean {
  if (folded === undefined) return key in object;
  const count = folded.size;
  return folded.add(foldKey(key)).size === count;
}

/** Strings without escapes are one slice; the rest go through JSON.parse once their end is known. */
function readString(cursor: Cursor): string {
  const { text } = cursor;
  if (text.charCodeAt(cursor.at) !== 0x22) throw broken(cursor, "expected a string");
  const start = cursor.at + 1;
  let isPlain = true;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      cursor.at = at + 1;
      return isPlain ? text.slice(start, at) : readEscaped(cursor, start, at);
    }
    if (code < 0x20) throw broken({ ...cursor, at }, "a control character in a string");
    if (code === 0x5c) {
      isPlain = false;
      at += 1;
    }
  }
  throw broken({ ...cursor, at: text.length }, "a string without end");
}

/** Go turns a surrogate without its other half into U+FFFD; so does `toWellFormed`. */
function readEscaped(cursor: Cursor, start: number, end: number): string {
  try {
    const value: unknown = JSON.parse(cursor.text.slice(start - 1, end + 1));
    return String(value).toWellFormed();
  } catch {
    throw broken({ ...cursor, at: start - 1 }, "an invalid escape in the string");
  }
}

/** The common case without a regular expression: up to 15 digits and nothing else. @param first NaN past the end */
function readSmallInteger(cursor: Cursor, first: number): number | undefined {
  if (!(first >= 0x31 && first <= 0x39)) return undefined;
  const { text } = cursor;
  let value = first - 0x30;
  for (let at = cursor.at + 1; at < cursor.at + 16; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) {
      value = value * 10 + code - 0x30;
    } else if (code === 0x2e || code === 0x45 || code === 0x65) {
      return undefined;
    } else {
      cursor.at = at;
      return value;
    }
  }
  return undefined;
}

const numberPattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;

function readNumber(cursor: Cursor): JsonValue {
  numberPattern.lastIndex = cursor.at;
  const match = numberPattern.exec(cursor.text);
  if (match === null) throw broken(cursor, "expected a value");
  const literal = match[0];
  if (literal.length > maxNumberLength) {
    throw limitExceeded("JSON", `a number of ${literal.length} characters at byte ${byteOffset(cursor)}`);
  }
  const number = Number(literal);
  const isInteger = match[1] === undefined && match[2] === undefined;
  if (!Number.isFinite(number) && !isInteger) throw broken(cursor, "a number too large to hold");
  cursor.at += literal.length;
  return isInteger && !Number.isSafeInteger(number) ? BigInt(literal) : number;
}

function readWord(cursor: Cursor, word: string, value: JsonValue): JsonValue {
  if (!cursor.text.startsWith(word, cursor.at)) throw broken(cursor, "expected a value");
  cursor.at += word.length;
  return value;
}

function take(cursor: Cursor, code: number): boolean {
  if (cursor.text.charCodeAt(cursor.at) !== code) return false;
  cursor.at += 1;
  return true;
}

function skipSpace(cursor: Cursor): void {
  for (;;) {
    const code = cursor.text.charCodeAt(cursor.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    cursor.at += 1;
  }
}

function duplicateKey(cursor: Cursor, key: string, start: number): PlimsollError {
  const where = byteOffset({ ...cursor, at: start });
  const name = JSON.stringify(key.slice(0, 100));
  return new PlimsollError(
    "AMBIGUOUS_INPUT",
    `JSON: the key ${name} stands twice in one object, again at byte ${where}`,
    {
      hint: "send each key once; keys that differ only in case are the same key to the engine",
    },
  );
}

function broken(cursor: Cursor, what: string): PlimsollError {
  return malformed("JSON", `${what} at byte ${byteOffset(cursor)}`);
}

function byteOffset(cursor: Cursor): number {
  return Buffer.byteLength(cursor.text.slice(0, cursor.at));
}
