import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { errorText } from "../../src/base/errors.ts";
import { decodeJson, stringifyJson } from "../../src/base/json.ts";
import { readDocument } from "../../src/base/json-reader.ts";

/** What a decoder makes of a document, as text that keeps every digit; or its refusal. */
function said(read: () => ReturnType<typeof decodeJson>): string {
  try {
    return stringifyJson(read());
  } catch (error) {
    return errorText(error);
  }
}

function compare(text: string): void {
  const bytes = Buffer.from(text);
  assert.equal(
    said(() => decodeJson(bytes, { duplicates: "exact" })),
    said(() => readDocument(bytes.toString(), 64, false)),
    text,
  );
}

test("the fast decoder and the exact one agree on every document", () => {
  fc.assert(fc.property(fc.json({ maxDepth: 5 }), compare), { numRuns: 500 });
});

const pieces = [
  '{"a":',
  '{"a" :1,"a":',
  '{"b":2,"a":',
  "[",
  "]",
  "}",
  ",",
  '"a"',
  '":"',
  '"\\":"',
  "1",
  "9007199254740993",
];
const more = [
  "1e400",
  "1e20",
  "-0",
  "0.5",
  '"\\ud800"',
  '"\\u00e9"',
  '"é"',
  "null",
  " ",
  "\n",
  '"__proto__":',
  "{}",
  "[]",
];

test("they agree on what is broken, doubled, large or odd", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces, ...more), { maxLength: 12 }), (parts) => compare(parts.join(""))),
    { numRuns: 5000 },
  );
});

test("a duplicate cannot hide behind a string that looks like a key", () => {
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"b":"\\":","a":2}',
    '{"a":":","a":2}',
    '{"a":{"x":1,"x":2},"b":[":"]}',
  ]) {
    compare(text);
    assert.match(
      said(() => decodeJson(Buffer.from(text), { duplicates: "exact" })),
      /stands twice/,
    );
  }
});

test("limits hold", () => {
  const deep = Buffer.from(`${"[".repeat(65)}${"]".repeat(65)}`);
  const read = (limits: object): string => said(() => decodeJson(deep, { ...limits, duplicates: "exact" }));
  assert.deepEqual(
    [read({}), read({ maxBytes: 10 }), read({ maxDepth: 65 })],
    ["JSON: nested deeper than 64 levels at byte 64", "JSON: 130 bytes, at most 10", deep.toString()],
  );
});
