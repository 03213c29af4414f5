// docs/policy.md says what the code does: its tables are complete, and its examples load.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { grantMeanings } from "../../src/policy/grants.ts";
import { invariants } from "../../src/policy/invariants.ts";
import { readPolicyTests } from "../../src/policy/testing/read-policy-tests.ts";
import { runPolicyTests } from "../../src/policy/testing/run-policy-tests.ts";
import { load, own, schema, shipped } from "./support.ts";

const page = readFileSync(new URL("../../docs/policy.md", import.meta.url), "utf8");

function examples(language: string): readonly string[] {
  return [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] ?? "");
}

test("every invariant and every grant has its row, as the code has it", () => {
  const rows = [
    ...invariants.map(
      ({ name, summary, grants }) =>
        `| \`${name}\` | ${summary} | ${grants.map((grant) => `\`${grant}\``).join(" or ")} |`,
    ),
    ...Object.entries(grantMeanings).map(([grant, meaning]) => `| \`${grant}\` | ${meaning} |`),
  ];
  assert.deepEqual(
    rows.filter((row) => !page.includes(`\n${row}\n`)),
    [],
  );
});

test("the rules of the page load beside baseline, and the tests of the page pass", () => {
  const engine = load(shipped("baseline"), own(examples("cedar").join("\n"), "mine"));
  const tests = examples("yaml").flatMap((text) => readPolicyTests("mine.test.yaml", text, schema).tests);
  const { failures, passed } = runPolicyTests(tests, engine);
  assert.deepEqual({ failures, passed }, { failures: [], passed: 2 });
});

test("the deny that the page shows is the one that baseline gives, with its line", () => {
  const line = shipped("baseline").text.split("\n").indexOf('@id("no-privileged")') + 1;
  assert.match(page, new RegExp(`\\(rule baseline/no-privileged, policies/baseline\\.cedar:${line}\\)`));
});
