// The word that somebody probably meant.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../../src/base/nearest.ts";

test("a slip of the fingers finds its word, a far word finds none", () => {
  const known = ["listeners", "limits", "audit", "up"];
  assert.deepEqual(
    ["listners", "lisetners", "LIMITS", "audi", "upp", "frobnicate", "x", ""].map((word) => nearest(word, known)),
    ["listeners", "listeners", "limits", "audit", "up", undefined, undefined, undefined],
  );
});
