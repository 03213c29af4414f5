// Layers made by chance, extracted by a real engine: it never extracts what we did not see in a layer that we call clean.
// 300 layers; PLIMSOLL_RANDOM_LAYERS=10000 makes more of them (`npm run test:layers`).

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { extractByEngine } from "../support/engine-layer.ts";
import { differences } from "../support/layer-differences.ts";
import { randomLayer } from "../support/random-layer.ts";
import { readTar } from "../support/read-tar.ts";

const layers = Number(process.env["PLIMSOLL_RANDOM_LAYERS"] ?? 300);
const first = Number(process.env["PLIMSOLL_RANDOM_SEED"] ?? 0);

for (const [offset, driver] of ["overlay2", "vfs"].entries()) {
  describe(`an engine with ${driver}`, { skip: whyNoEngine() }, () => {
    let engine: TestEngine;
    before(async () => {
      engine = await startEngine({ args: [`--storage-driver=${driver}`] });
    });
    after(() => engine.close());

    test(`extracts nothing from ${layers / 2} random layers that we did not see`, async (t) => {
      const counts = { clean: 0, ambiguous: 0, refused: 0, "refused by the engine": 0, "refused by us alone": 0 };
      const found: string[] = [];
      for (let index = 0; index < layers / 2; index += 1) {
        const seed = first + index * 2 + offset;
        const tar = randomLayer(seed);
        const seen = await readTar(tar, { pieceBytes: 1 + (seed % 1000) });
        const extracted = await extractByEngine(engine, driver, tar);
        found.push(...differences(seen, extracted).map((difference) => `${seed}: ${difference}`));
        counts[seen.error ? "refused" : seen.rules.length > 0 ? "ambiguous" : "clean"] += 1;
        if (extracted === undefined) counts["refused by the engine"] += 1;
        else if (seen.error !== undefined) counts["refused by us alone"] += 1;
      }
      t.diagnostic(JSON.stringify(counts));
      assert.deepEqual(found, []);
    });
  });
}
