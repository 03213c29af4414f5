import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PlimsollError } from "../../src/base/errors.ts";
import { decodeJson, encodeJson, foldKey, stringifyJson } from "../../src/base/json.ts";

function read(text: string | Uint8Array, limits: Parameters<typeof decodeJson>[1] = {}): unknown {
  try {
    return decodeJson(typeof text === "string" ? Buffer.from(text) : text, limits);
  } catch (error) {
    assert.ok(error instanceof PlimsollError);
    return `${error.code}: ${error.message}`;
  }
}

function rewritten(text: string): string {
  return stringifyJson(decodeJson(Buffer.from(text)));
}

test("integers keep every digit, also beyond 2^53", () => {
  const text = '{"a":9007199254740993,"b":-9223372036854775808,"c":[1,0.5,1e3],"d":18446744073709551615}';
  assert.equal(rewritten(text), text.replace("1e3", "1000"));
});

test("a document means what JSON.parse makes of it", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      const value: unknown = JSON.parse(text);
      const own = stringifyJson(decodeJson(Buffer.from(text), { duplicates: "exact" }));
      assert.deepEqual(JSON.parse(own), JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 500 },
  );
});

test("what was read and written is read the same again", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const once = decodeJson(Buffer.from(JSON.stringify(value)), { duplicates: "exact" });
      assert.deepEqual(decodeJson(encodeJson(once), { duplicates: "exact" }), once);
    }),
    { numRuns: 500 },
  );
});

test("arbitrary bytes are read or refused, and what JSON.parse refuses is refused", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0d8 tf1e-.') }),
      (bytes, text) => {
        for (const input of [bytes, Buffer.from(text)]) {
          const own = read(input);
          const isRefused = typeof own === "string" && /^[A-Z_]+: JSON/.test(own);
          let isJson = true;
          try {
            JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(input));
          } catch {
            isJson = false;
          }
          assert.ok(isJson || isRefused);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

const duplicates: readonly (readonly [name: string, text: string])[] = [
  ["the same key twice", '{"a":1,"a":2}'],
  ["keys that differ in ASCII case", '{"Privileged":false,"privileged":true}'],
  ["the long s U+017F for an s", '{"HostConfig":{},"Ho\u017ftConfig":{}}'],
  ["the Kelvin sign U+212A for a k", '{"NetworkMode":"none","Networ\u212aMode":"host"}'],
  ["an escaped letter", '{"HostConfig":{},"\\u0048ostConfig":{}}'],
  ["an escaped long s", '{"Binds":[],"bind\\u017f":[]}'],
  ["deep inside", '[{"a":[{"x":1,"X":2}]}]'],
  ["two halves that become one replacement character", '{"\\ud800":1,"\ufffd":2}'],
];

for (const [name, text] of duplicates) {
  test(`duplicate keys are refused: ${name}`, () => {
    assert.match(String(read(text)), /^AMBIGUOUS_INPUT: JSON: the key .* stands twice/);
  });
}

test("maps of data may keep keys that differ in case, but never one key twice", () => {
  assert.deepEqual(
    [rewrittenExact('{"a":1,"A":2}'), read('{"a":1,"\\u0061":2}', { duplicates: "exact" })],
    ['{"a":1,"A":2}', 'AMBIGUOUS_INPUT: JSON: the key "a" stands twice in one object, again at byte 7'],
  );
});

function rewrittenExact(text: string): string {
  return stringifyJson(decodeJson(Buffer.from(text), { duplicates: "exact" }));
}

test("keys fold as Go folds them, and no further", () => {
  assert.deepEqual(["HoſtConfig", "NETWORK", "networ\u212a", "\u00c5", "\u0130", "straße"].map(foldKey), [
    "hostconfig",
    "network",
    "network",
    "\u00c5",
    "\u0130",
    "straße",
  ]);
});

test("__proto__ is a key like any other", () => {
  const value = decodeJson(Buffer.from('{"__proto__":{"isAdmin":true},"constructor":1}'));
  assert.deepEqual(
    [Object.keys(Object(value)), Object.getPrototypeOf(value), Reflect.get(Object(value), "isAdmin")],
    [["__proto__", "constructor"], null, undefined],
  );
});

test("half of a surrogate pair becomes U+FFFD, as in Go; a pair stays", () => {
  assert.deepEqual(
    ['"\\ud800"', '"\\udc00x"', '"\\ud83d\\ude00"', '"\\ud800\\ud83d\\ude00"'].map((text) => read(text)),
    ["\ufffd", "\ufffdx", "\u{1f600}", "\ufffd\u{1f600}"],
  );
});

const refused: readonly (readonly [name: string, input: string | Uint8Array, message: string])[] = [
  ["nothing", "", "MALFORMED_INPUT: JSON: expected a value at byte 0"],
  ["trailing garbage", '{"a":1} garbage', "MALFORMED_INPUT: JSON: data after the end of the document at byte 8"],
  ["a second document", '{}{"Image":"x"}', "MALFORMED_INPUT: JSON: data after the end of the document at byte 2"],
  ["a byte order mark", "\ufeff{}", "MALFORMED_INPUT: JSON: expected a value at byte 0"],
  ["invalid UTF-8", Buffer.from([0x22, 0x61, 0xff, 0x22]), "MALFORMED_INPUT: JSON: invalid UTF-8 near byte 2"],
  ["an overlong slash", Buffer.from([0x22, 0xc0, 0xaf, 0x22]), "MALFORMED_INPUT: JSON: invalid UTF-8 near byte 1"],
  [
    "an encoded surrogate",
    Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    "MALFORMED_INPUT: JSON: invalid UTF-8 near byte 2",
  ],
  ["a leading zero", "01", "MALFORMED_INPUT: JSON: data after the end of the document at byte 1"],
  ["a plus sign", "+1", "MALFORMED_INPUT: JSON: expected a value at byte 0"],
  ["a bare minus", "-", "MALFORMED_INPUT: JSON: expected a value at byte 0"],
  ["a point without digits", "[1.]", "MALFORMED_INPUT: JSON: expected a comma or the end of the array at byte 2"],
  ["infinity", "1e999", "MALFORMED_INPUT: JSON: a number too large to hold at byte 0"],
  ["NaN", "NaN", "MALFORMED_INPUT: JSON: expected a value at byte 0"],
  ["a comma at the end", "[1,]", "MALFORMED_INPUT: JSON: expected a value at byte 3"],
  ["a comment", "{/**/}", "MALFORMED_INPUT: JSON: expected a string at byte 1"],
  ["a raw line break in a string", '"a\nb"', "MALFORMED_INPUT: JSON: a control character in a string at byte 2"],
  ["an unknown escape", '"\\x41"', "MALFORMED_INPUT: JSON: an invalid escape in the string at byte 0"],
  ["single quotes", "{'a':1}", "MALFORMED_INPUT: JSON: expected a string at byte 1"],
  ["a string without end", '"\\"', "MALFORMED_INPUT: JSON: a string without end at byte 3"],
  ["bytes are counted, not characters", '{"\u00fc":x}', "MALFORMED_INPUT: JSON: expected a value at byte 6"],
  ["65 levels", "[".repeat(65), "LIMIT_EXCEEDED: JSON: nested deeper than 64 levels at byte 64"],
  ["a number of 500 digits", "1".repeat(500), "LIMIT_EXCEEDED: JSON: a number of 500 characters at byte 0"],
  ["more than 4 MiB", Buffer.alloc(4194305, 0x20), "LIMIT_EXCEEDED: JSON: 4194305 bytes, at most 4194304"],
];

for (const [name, input, message] of refused) {
  test(`refused with its place: ${name}`, () => assert.equal(read(input), message));
}

test("64 levels and 4 MiB are allowed", () => {
  const deep = `${"[".repeat(64)}${"]".repeat(64)}`;
  const long = `"${"x".repeat(4194302)}"`;
  assert.deepEqual([rewritten(deep), rewritten(long).length], [deep, 4194304]);
});
