// Names that people give to containers end up in operators' terminals.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson } from "../../src/base/canonical-json.ts";
import { printable, printableJson } from "../../src/base/printable.ts";

const anyText = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 100 })
  .map((points) => String.fromCodePoint(...points));

test("a name can neither move the cursor, break the line nor turn it around", () => {
  assert.deepEqual(
    [
      printable("\u001b[31mred\u001b]0;title\u0007"),
      printable("one\r\ntwo\u0085three\u2028four"),
      printable("gpj.\u202eexe"),
      printable("a\u200bb\ufeffc\u00adc"),
      printable("\ud800"),
      printable("plain, ümläut, 日本語, 🚢"),
    ],
    [
      "\\u{1b}[31mred\\u{1b}]0;title\\u{7}",
      "one\\u{d}\\u{a}two\\u{85}three\\u{2028}four",
      "gpj.\\u{202e}exe",
      "a\\u{200b}b\\u{feff}c\\u{ad}c",
      "\\u{d800}",
      "plain, ümläut, 日本語, 🚢",
    ],
  );
});

test("a name of 4 KiB is shortened, whole characters at a time", () => {
  assert.deepEqual(
    [printable("x".repeat(4096), 8), printable("🚢🚢🚢🚢", 3), printable("🚢🚢🚢", 3), printable("abc", 0)],
    ["xxxxxxx…", "🚢🚢…", "🚢🚢🚢", "…"],
  );
});

test("no text at all leaves a control character", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 50 }), (text, maxLength) => {
      const shown = printable(text, maxLength);
      assert.equal(/[\p{C}\p{Zl}\p{Zp}]/u.test(shown), false);
    }),
    { numRuns: 50 },
  );
});

test("canonical JSON has sorted keys, no spaces, and reads back as the same value", () => {
  assert.equal(
    canonicalJson({
      b: [1, undefined, null],
      a: { ü: true, z: '\u0007"\\é', "10": 1e21, "9": -0 },
      c: undefined,
      d: 12n,
    }),
    '{"a":{"10":1e+21,"9":0,"z":"\\u0007\\"\\\\é","ü":true},"b":[1,null,null],"d":12}',
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("what has no JSON is refused instead of written as something else", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Symbol("s"), () => 1]) {
    assert.throws(() => canonicalJson({ value }), TypeError);
  }
});

test("JSON for a terminal is the same value without a character that could do harm", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const shown = printableJson(JSON.stringify({ text }));
      assert.deepEqual([JSON.parse(shown), /[\p{C}\p{Zl}\p{Zp}]/u.test(shown)], [{ text }, false]);
    }),
    { numRuns: 50 },
  );
});
