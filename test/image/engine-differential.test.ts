// A real engine extracts each hostile layer: never does it extract a file that we did not see, unless we said that the layer is
// ambiguous or refused it. With two storage drivers, since they apply layers by different code.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { extractByEngine } from "../support/engine-layer.ts";
import { hostileLayers } from "../support/hostile-layers.ts";
import { differences } from "../support/layer-differences.ts";
import { readTar } from "../support/read-tar.ts";

/** Engines write out what a sparse file only claims. */
const tooLarge = ["L26b"];

for (const driver of ["overlay2", "vfs"]) {
  describe(`an engine with ${driver}`, { skip: whyNoEngine() }, () => {
    let engine: TestEngine;
    before(async () => {
      engine = await startEngine({ args: [`--storage-driver=${driver}`] });
    });
    after(() => engine.close());

    for (const { id, what, tar } of hostileLayers.filter((layer) => !tooLarge.includes(layer.id))) {
      test(`extracts nothing from ${id} that we did not see: ${what}`, async () => {
        const extracted = await extractByEngine(engine, driver, tar);
        if (process.env["PLIMSOLL_SHOW"] !== undefined) console.log(id, [...(extracted?.keys() ?? ["refused"])]);
        assert.deepEqual(differences(await readTar(tar), extracted), []);
      });
    }
  });
}
