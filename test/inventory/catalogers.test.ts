// The contract of every cataloger: exactly the packages of its fixtures, and no harm from hostile bytes.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { catalogers } from "../../src/inventory/catalogers.generated.ts";
import { fixtureCases, outcomeOf } from "./fixture-cases.ts";

test("every cataloger has a fixture, and every fixture a cataloger and a source", () => {
  const cases = fixtureCases();
  assert.deepEqual(
    {
      catalogers: [...new Set(cases.map(({ cataloger }) => cataloger))].sort(),
      withoutSource: cases.filter(({ folder }) => !existsSync(join(folder, "SOURCE"))).map(({ folder }) => folder),
    },
    { catalogers: catalogers.map(({ name }) => name).sort(), withoutSource: [] },
  );
});

for (const fixture of fixtureCases()) {
  test(`${fixture.cataloger} reads ${fixture.name}: exactly the expected packages`, () => {
    const expected: unknown = JSON.parse(readFileSync(join(fixture.folder, "expected.json"), "utf8"));
    assert.deepEqual(outcomeOf(fixture), expected);
  });
}
