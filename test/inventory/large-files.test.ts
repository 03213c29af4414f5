// Files that are too large for memory are read in parts: what comes out is the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PlimsollError } from "../../src/base/errors.ts";
import type { LargeBytes } from "../../src/inventory/bytes.ts";
import { ByteView } from "../../src/inventory/bytes.ts";
import { type Cataloger, maxHeldBytes } from "../../src/inventory/cataloger.ts";
import { catalogers } from "../../src/inventory/catalogers.generated.ts";
import { mutated } from "../support/mutated.ts";
import { type FixtureFile, fixtureCases, fixtureFiles } from "./fixture-cases.ts";

function inParts(content: Uint8Array): LargeBytes {
  return {
    length: content.length,
    read(at, length) {
      assert.ok(at >= 0 && at + length <= content.length, "only what is there is asked for");
      return Uint8Array.from(content.subarray(at, at + length));
    },
  };
}

function resultOf(catalog: () => unknown): unknown {
  try {
    return catalog();
  } catch (thrown) {
    if (thrown instanceof PlimsollError) return thrown.code;
    throw thrown;
  }
}

function bothWays(cataloger: Cataloger, { path, content }: FixtureFile): readonly [unknown, unknown] {
  return [
    resultOf(() => cataloger.catalog({ path, content })),
    resultOf(() => cataloger.catalogLarge?.({ path, content: inParts(content) })),
  ];
}

test("who takes files that are too large for memory reads them in parts", () => {
  const wrong = catalogers.filter(
    ({ maxBytes, catalogLarge }) => maxBytes > maxHeldBytes !== (catalogLarge !== undefined),
  );
  assert.deepEqual(
    wrong.map(({ name }) => name),
    [],
  );
});

for (const cataloger of catalogers.filter(({ catalogLarge }) => catalogLarge !== undefined)) {
  const files = fixtureCases()
    .filter((one) => one.cataloger === cataloger.name)
    .flatMap(({ folder }) => fixtureFiles(folder))
    // A list of lines, of which there is none that does not fit.
    .filter(({ path }) => !path.includes("rpmmanifest"));

  test(`${cataloger.name} finds the same in parts as in memory`, () => {
    assert.ok(files.length > 0);
    for (const file of files) {
      const [whole, parts] = bothWays(cataloger, file);
      assert.deepEqual(parts, whole);
    }
  });

  test(`${cataloger.name} refuses the same in parts as in memory`, () => {
    const small = files.filter(({ content }) => content.length < 1_000_000);
    const chosen = small.length > 0 ? small : files;
    fc.assert(
      // By number: the bytes of a program are no counterexample that anybody reads.
      fc.property(fc.nat({ max: chosen.length - 1 }), fc.nat(), (at, seed) => {
        const { path = "", content = Buffer.alloc(0) } = chosen[at] ?? {};
        const [whole, parts] = bothWays(cataloger, { path, content: mutated(Buffer.from(content), seed) });
        assert.deepEqual(parts, whole);
      }),
      { numRuns: 150, seed: 1 },
    );
  });
}

test("a pattern that lies across two windows is found where it is", () => {
  const bytes = Buffer.alloc(3 * 1024 * 1024 + 17);
  const places = [0, 1024 * 1024 - 3, 2 * 1024 * 1024 - 1, bytes.length - 6];
  for (const at of places) bytes.write("needle", at);
  const view = new ByteView(inParts(bytes), "test", true);
  const found: number[] = [];
  for (let at = view.indexOf(Buffer.from("needle")); at !== -1; at = view.indexOf(Buffer.from("needle"), at + 1)) {
    found.push(at);
  }
  assert.deepEqual(found, places);
});
