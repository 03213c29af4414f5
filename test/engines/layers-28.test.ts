// What Docker 28 extracts from hostile layers and from layers made by chance: nothing that we did not see. 200 random layers;
// PLIMSOLL_RANDOM_LAYERS=2000 makes more of them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type TestEngine, whyNoEngine } from "../support/engine.ts";
import { extractByEngine } from "../support/engine-layer.ts";
import { hostileLayers } from "../support/hostile-layers.ts";
import { differences } from "../support/layer-differences.ts";
import { startNewerEngine } from "../support/newer-engine.ts";
import { newerSuite } from "../support/newer-suite.ts";
import { compareRandomLayers, seedsFor } from "../support/random-layers.ts";
import { readTar } from "../support/read-tar.ts";

const layers = Number(process.env["PLIMSOLL_RANDOM_LAYERS"] ?? 200);
const suite = await newerSuite("docker");
const skip = whyNoEngine() ?? ("why" in suite ? suite.why : false);

/** Engines write out what a sparse file only claims. */
const tooLarge = ["L26b"];

for (const [offset, driver] of ["overlay2", "vfs"].entries()) {
  describe(`Docker 28 with ${driver}`, { skip }, () => {
    let engine: TestEngine;
    before(async () => {
      const started = await startNewerEngine("docker", [`--storage-driver=${driver}`]);
      if ("why" in started) throw new Error(started.why);
      engine = started;
    });
    after(() => engine.close());

    for (const { id, what, tar } of hostileLayers.filter((layer) => !tooLarge.includes(layer.id))) {
      test(`extracts nothing from ${id} that we did not see: ${what}`, async () => {
        assert.deepEqual(differences(await readTar(tar), await extractByEngine(engine, driver, tar)), []);
      });
    }

    test(`extracts nothing from ${layers / 2} random layers that we did not see`, (t) =>
      compareRandomLayers(t, engine, { driver, seeds: seedsFor(layers / 2, offset, 2) }));
  });
}
