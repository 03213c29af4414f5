// The threat model names rules: each exists, and each rule of baseline and each invariant is named.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

test("the threat model names every rule of the set baseline and every invariant, and no others", () => {
  const text = readFileSync("docs/threat-model.md", "utf8");
  const named = new Set([...text.matchAll(/`((?:baseline|invariant)\/[a-z-]+)`/g)].map((match) => match[1]));
  const baseline = readFileSync("policies/baseline.cedar", "utf8");
  const policies = [...baseline.matchAll(/@id\("([a-z-]+)"\)(?:\s*@\w+\("[^"]*"\))*\s*forbid/g)].map(
    (match) => `baseline/${match[1]}`,
  );
  const invariants = readdirSync("src/policy/invariants").map((file) => `invariant/${file.replace(/\.ts$/, "")}`);
  const isRule = new Set<string | undefined>([...policies, ...invariants]);
  assert.deepEqual(
    {
      missing: [...isRule].filter((rule) => !named.has(rule)),
      unknown: [...named].filter((rule) => !isRule.has(rule)),
    },
    { missing: [], unknown: [] },
  );
});
