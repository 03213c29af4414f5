// The sets that ship: they load, their tests pass, and every rule of theirs is decided by a test.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkPolicies } from "../../src/policy/check-policies.ts";
import { shippedSets } from "../../src/policy/policy-files.ts";
import { schemaText } from "./support.ts";

const folder = fileURLToPath(new URL("../../policies", import.meta.url));

for (const set of Object.keys(shippedSets)) {
  test(`the set ${set} has no mistake, and a passing test for each of its rules`, async () => {
    const report = await checkPolicies({ sets: [set], folder, schemaText });
    assert.deepEqual(
      {
        mistakes: report.mistakes,
        failures: report.failures.map(({ test, expected, found }) => ({ test: test.name, expected, found })),
        untested: report.untested.map((rule) => rule.id),
        isGood: report.isGood,
      },
      { mistakes: [], failures: [], untested: [], isGood: true },
    );
  });
}
