// Layers made by chance, extracted by a real engine: it never extracts what we did not see in a layer that we call clean.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { TestEngine } from "./engine.ts";
import { extractByEngine } from "./engine-layer.ts";
import { differences } from "./layer-differences.ts";
import { randomLayer } from "./random-layer.ts";
import { readTar } from "./read-tar.ts";

export type RandomLayers = { readonly driver: string; readonly seeds: readonly number[] };

/** `PLIMSOLL_RANDOM_SEED` says where to begin. @param step every how many numbers is one of ours */
export function seedsFor(count: number, offset: number = 0, step: number = 1): readonly number[] {
  const first = Number(process.env["PLIMSOLL_RANDOM_SEED"] ?? 0) + offset;
  return Array.from({ length: count }, (_, index) => first + index * step);
}

export async function compareRandomLayers(
  t: TestContext,
  engine: TestEngine,
  { driver, seeds }: RandomLayers,
): Promise<void> {
  const counts = { clean: 0, ambiguous: 0, refused: 0, "refused by the engine": 0, "refused by us alone": 0 };
  const found: string[] = [];
  for (const seed of seeds) {
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
}
