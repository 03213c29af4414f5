// Layers made by chance and extracted by a real engine. 300 layers; PLIMSOLL_RANDOM_LAYERS=10000 makes more of them
// (`npm run test:layers`).

import { after, before, describe, test } from "node:test";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { compareRandomLayers, seedsFor } from "../support/random-layers.ts";

const layers = Number(process.env["PLIMSOLL_RANDOM_LAYERS"] ?? 300);

for (const [offset, driver] of ["overlay2", "vfs"].entries()) {
  describe(`an engine with ${driver}`, { skip: whyNoEngine() }, () => {
    let engine: TestEngine;
    before(async () => {
      engine = await startEngine({ args: [`--storage-driver=${driver}`] });
    });
    after(() => engine.close());

    test(`extracts nothing from ${layers / 2} random layers that we did not see`, (t) =>
      compareRandomLayers(t, engine, { driver, seeds: seedsFor(layers / 2, offset, 2) }));
  });
}
