// Every row of the table of hostile layers gets the verdict that the table says, however its bytes are cut into pieces.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hostileLayers } from "../support/hostile-layers.ts";
import { readTar, verdictOf } from "../support/read-tar.ts";

for (const { id, what, tar, expected } of hostileLayers) {
  test(`${id}: ${what}`, async () => {
    const whole = await readTar(tar);
    const inPieces = await readTar(tar, { pieceBytes: 7 });
    assert.deepEqual(verdictOf(whole), expected, whole.error?.message ?? JSON.stringify(whole.summary?.ambiguities));
    assert.deepEqual(verdictOf(inPieces), expected);
    assert.deepEqual(inPieces.entries, whole.entries);
  });
}
