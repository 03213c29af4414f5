// docs/inventory.md says what the catalogers do.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { programs } from "../../src/inventory/evidence/programs.ts";
import { inventoryDocument } from "./document.ts";

test("the table of docs/inventory.md lists every cataloger as it is (node test/inventory/document.ts)", () => {
  const { found, expected } = inventoryDocument();
  assert.equal(found, expected);
});

test("docs/inventory.md names every program that is known by evidence", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/inventory.md"), "utf8");
  const section = text.slice(text.indexOf("## Programs without a package"), text.indexOf("## Limits"));
  assert.deepEqual(
    programs.map(({ product }) => product).filter((product) => !new RegExp(`\\b${product}\\b`).test(section)),
    [],
  );
});
