// What YARA rules need is read from their text: whoever writes a rule must not find that it is silently not asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { neededTexts } from "../../src/findings/malware/needed-texts.ts";
import { readShippedRules } from "../../src/findings/malware/shipped-rules.ts";
import { compileYara } from "../../src/findings/malware/yara-program.ts";
import { readYaraFile } from "../../src/findings/malware/yara-source.ts";
import { makeWordScreen } from "../../src/findings/word-screen.ts";

function needsOf(text: string): readonly string[] | undefined {
  const [rule] = readYaraFile(text)?.rules ?? [];
  return rule === undefined ? undefined : neededTexts(rule)?.map((wanted) => wanted.text);
}

const ruleOf = (strings: string, condition: string): string =>
  `rule r { ${strings === "" ? "" : `strings: ${strings}`} condition: ${condition} }`;
const two = '$a = "first-text" $b = "other-text"';

test("what a rule needs is read from its condition", () => {
  const needs = (condition: string) => needsOf(ruleOf(two, condition));
  const both = ["first-text", "other-text"];
  assert.deepEqual(
    [
      ...["$a", "$a and filesize < 2MB", "($a or $b)", "any of them", "2 of them", "all of ($a, $b)"].map(needs),
      ...["#a > 2", "$a at 0 or $b in (0..100)", "1 of ($a, $b) and not $b", "uint16(0) == 0x5A4D and $a"].map(needs),
    ],
    [
      ...[["first-text"], ["first-text"], both, both, ["first-text"], ["first-text"]],
      ...[["first-text"], both, both, ["first-text"]],
    ],
  );
});

test("of a rule that may match without its texts nothing is concluded", () => {
  const conditions = [
    ...["true", "not $a", "$a or true", "#a == 0", "#a >= 0", "#a < 1", "none of them", "0 of them", "filesize > 0"],
    ...[
      "for all of them : (# < 3)",
      "not all of them",
      "not ($a and $b)",
      "$a or not $b",
      "for any i in (1..2) : ($a)",
    ],
    ...["with x = $a : (not x)", "#a", "@a > 1", "any of (one, two)", "defined $a", "50% of them"],
  ];
  assert.deepEqual(
    conditions.filter((condition) => needsOf(ruleOf(two, condition)) !== undefined),
    [],
  );
});

test("texts that are hidden, short, or not certain are not looked for", () => {
  const strings = [
    ...[
      '"first-text" xor',
      '"first-text" base64',
      '"abc"',
      "{ 41 42 ?? 43 44 }",
      "{ 41 [2-4] 42 ( 43 44 45 46 | 47 ) }",
    ],
    ...["/a[bc]d.*e/", "/(first-text|x)/", "/first-text|x/", "/(?i)first-text/", "/[]|first-text]/", "/f{3}/"],
    ...["/\\x{41}234567/"],
  ];
  assert.deepEqual(
    strings.filter((string) => needsOf(ruleOf(`$a = ${string}`, "$a")) !== undefined),
    [],
  );
});

test("a file of rules is left alone when other rules depend on one, when it includes others, or when it is bent", () => {
  const good = ruleOf(two, "$a");
  const files = [`global ${good}`, `private ${good}`, `include "x"\n${good}`, `${good} }`, 'rule r { strings: $a = "'];
  assert.deepEqual(files.map(readYaraFile), Array(files.length).fill(undefined));
});

const word = fc.stringMatching(/^[ab/]{4,9}$/);
const pattern = fc.oneof(
  fc.tuple(word, fc.constantFrom("", " nocase", " wide", " wide ascii", " fullword")).map(([text, how]) => ({
    source: `"${text}"${how}`,
    found: how.includes("wide") ? text.replaceAll(/./g, "$&\0") : text.toUpperCase(),
  })),
  fc.tuple(word, word).map(([left, right]) => ({
    source: `{ ${Buffer.from(left).toString("hex")} [1-3] ${Buffer.from(right).toString("hex")} }`,
    found: `${left}--${right}`,
  })),
  fc
    .tuple(word, word, fc.constantFrom("?", "*", "+", "{2}", "[^x]", "(x|y)?", "|", "\\/", "."))
    .map(([left, right, between]) => ({
      source: `/${left.replaceAll("/", "\\/")}${between}${right.replaceAll("/", "\\/")}/i`,
      found: `${left}${right.toUpperCase()}`,
    })),
);
const condition = fc.constantFrom(
  ...["$a or $b", "$a and $b", "any of them", "2 of them", "all of ($a, $b)", "#a > 1 or $b", "not $a and $b"],
  ...["$a and not $b", "$b at 3 or #a >= 2", "($a or $b) and filesize > 2", "(filesize > 5 or $a) and $b"],
  ...["1 of ($a*) or 1 of ($b*)", "none of them", "$a and (filesize > 0 or $b)"],
);

test("whatever a rule matches has what is said to be needed", () => {
  fc.assert(
    fc.property(pattern, pattern, condition, fc.nat(9), fc.boolean(), (left, right, wanted, gap, isTwice) => {
      const source = ruleOf(`$a = ${left.source} $b = ${right.source}`, wanted);
      const [rule] = readYaraFile(source)?.rules ?? [];
      const needs = rule === undefined ? undefined : neededTexts(rule);
      const program = compileYara([{ name: "rule", text: source }]);
      const screen = makeWordScreen(needs ?? []);
      const texts = [left.found, right.found, left.found.toLowerCase(), `${left.found} ${right.found}`];
      for (const text of texts) {
        const content = Buffer.from(`${"-".repeat(gap)}${text}${isTwice ? ` ${text}` : ""}`, "latin1");
        const isMissed = needs !== undefined && !screen.has(content) && program.scan(content).length > 0;
        assert.equal(isMissed, false, `${source} on ${JSON.stringify(content.toString("latin1"))}`);
      }
    }),
    { numRuns: 150, seed: 6 },
  );
});

test("a text is found at every place, up to the last byte, in bytes that begin anywhere", () => {
  const missed: string[] = [];
  for (const text of ["four", "fives", "longer than seven", "f\0o\0u\0r\0"]) {
    const screen = makeWordScreen([{ text, isCaseless: true }]);
    for (let at = 0; at < 24; at++) {
      const bytes = Buffer.from(`${".".repeat(at)}${text.toUpperCase()}`, "latin1");
      for (const tail of ["", ".", "....."]) {
        const whole = Buffer.concat([bytes, Buffer.from(tail)]);
        if (!screen.has(whole)) missed.push(`${text} at ${at}`);
        if (at > 0 && !screen.has(new Uint8Array(whole).subarray(1))) missed.push(`${text} at ${at}, not aligned`);
        if (screen.has(whole.subarray(0, bytes.length - 1))) missed.push(`${text} at ${at}, cut`);
      }
    }
  }
  assert.deepEqual(missed, []);
});

test("the rules that ship are read to their end", () => {
  assert.deepEqual(
    readShippedRules().filter(({ text }) => readYaraFile(text) === undefined),
    [],
  );
});
