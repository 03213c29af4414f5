// Precision and recall of the secret rules over a corpus that is made on the spot: fresh tokens with valid checksums,
// in the ways people write them down, among texts that only look like them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { secrets } from "../../src/findings/detectors/secrets.ts";
import { secretRules } from "../../src/findings/secrets/rules.ts";
import type { Finding } from "../../src/model/finding.ts";
import { openDetector, showFile } from "./support/look-at.ts";
import { lower, type Random, seededRandom } from "./support/random.ts";
import { decoyNames, makeDecoys } from "./support/secret-decoys.ts";
import { type MadeSecret, secretFormats } from "./support/secret-formats.ts";

const each = 25;

/** A value in one of the ways that people keep them. */
function carry(made: MadeSecret, random: Random): { readonly path: string; readonly content: string } {
  const filler = Array.from(
    { length: random.number(40) },
    () => `${random.text(lower, 8)} = ${random.text(lower, 12)}\n`,
  );
  if (made.text !== undefined) {
    return {
      path: made.path ?? "app/settings.txt",
      content: made.path === undefined ? `${filler.join("")}${made.text}` : made.text,
    };
  }
  const line = random.pick([
    `TOKEN=${made.secret}\n`,
    `export TOKEN='${made.secret}'\n`,
    `{"token": "${made.secret}"}\n`,
    `token: ${made.secret}\n`,
    `const token = "${made.secret}";\n`,
    `curl -H "Authorization: Bearer ${made.secret}" https://api.acme.test/\n`,
    `"line\\n${made.secret}\\n"\n`,
    made.secret,
  ]);
  return { path: "app/settings.txt", content: `${filler.join("")}${line}` };
}

test("at least nine of ten secrets of every format are found, and at least nine of ten findings are secrets", async (t) => {
  const detector = await openDetector(secrets);
  const random = seededRandom(20_261_122);
  const rows = new Map(secretRules.map(({ id }) => [id, { made: 0, found: 0, wrong: 0 }]));
  const row = (id: string) => rows.get(id) ?? { made: 0, found: 0, wrong: 0 };
  const count = (id: string, made: number, findings: readonly Finding[]): void => {
    row(id).made += made;
    for (const finding of findings) {
      if (made === 1 && finding.id === id) row(id).found += 1;
      else row(finding.id).wrong += 1;
    }
  };
  for (const [id, make] of Object.entries(secretFormats)) {
    for (let at = 0; at < each; at += 1) count(id, 1, showFile(detector, carry(make(random), random)));
  }
  const wrongDecoys = new Map<string, string>();
  for (const { name, path, text } of makeDecoys(random, each)) {
    const findings = showFile(detector, { path, content: text });
    count("", 0, findings);
    for (const finding of findings) wrongDecoys.set(name, finding.id);
  }
  const table = [...rows].filter(([, { made, wrong }]) => made + wrong > 0);
  for (const [id, { made, found, wrong }] of table) t.diagnostic(`${id}: ${found} of ${made} found, ${wrong} wrong`);
  const sum = (pick: (of: { made: number; found: number; wrong: number }) => number): number =>
    table.reduce((total, [, counts]) => total + pick(counts), 0);
  const recall = sum((counts) => counts.found) / sum((counts) => counts.made);
  const precision = sum((counts) => counts.found) / sum((counts) => counts.found + counts.wrong);
  t.diagnostic(
    `${table.length} rules, ${decoyNames.length} kinds of decoys: precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}`,
  );
  const poor = table.filter(([, { made, found, wrong }]) => found < 0.9 * made || wrong > 0.1 * (found + wrong));
  assert.deepEqual(
    { poor, wrongDecoys: [...wrongDecoys], isGood: precision >= 0.9 && recall >= 0.9 },
    { poor: [], wrongDecoys: [], isGood: true },
  );
});

test("every rule that ships has a format in the corpus", () => {
  const made = new Set(Object.keys(secretFormats));
  assert.deepEqual(
    secretRules.map(({ id }) => id).filter((id) => !made.has(id)),
    ["putty-private-key"],
  );
});
