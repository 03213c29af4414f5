// Layers put on top of one another by a real engine, and by us: the same files, with the same contents.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { foldLayers } from "../../src/image/layer/fold-layers.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { mergeByEngine } from "../support/engine-layer.ts";
import { archive, file, folder, hardlink, symlink } from "../support/hostile-tar.ts";
import { toBytes } from "../support/layer-differences.ts";
import { makeOciImage, savedArchive } from "../support/oci-image.ts";
import { chance } from "../support/random-layer.ts";
import { readTar, type SeenLayer } from "../support/read-tar.ts";

const images = 50;
const names = ["a", "b", "d/x", "d/y", "d/e/z", "f/x", "g"];
const folders = ["d", "d/e", "f"];

describe("an engine with vfs", { skip: whyNoEngine() }, () => {
  let engine: TestEngine;
  before(async () => {
    engine = await startEngine({ args: ["--storage-driver=vfs"] });
  });
  after(() => engine.close());

  test(`merges the layers of ${images} random images to the files that we find`, async (t) => {
    const differing: string[] = [];
    let compared = 0;
    for (let seed = 0; seed < images; seed += 1) {
      const tars = randomTars(seed);
      const layers = await Promise.all(tars.map((tar) => readTar(tar)));
      const isClean = layers.every(({ rules, error }) => rules.length === 0 && error === undefined);
      const ours = isClean ? contents(layers) : undefined;
      if (ours === undefined) continue;
      const merged = await mergeByEngine(engine, savedArchive(makeOciImage({ tars, compression: "none" })), tars);
      if (merged === undefined) continue;
      compared += 1;
      const theirs = [...merged]
        .filter(([, one]) => one.kind === "file")
        .map(([path, { content }]) => `${path} ${content}`);
      const both = [ours.sort().join("\n"), theirs.sort().join("\n")];
      if (both[0] !== both[1]) differing.push(`${seed}: ours ${both[0]}\ntheirs ${both[1]}`);
    }
    t.diagnostic(`${compared} of ${images} images were clean and loaded`);
    assert.deepEqual([differing, compared > images / 10], [[], true]);
  });
});

/** `PATH CONTENT` of each file of the image; undefined where merging is ambiguous. */
function contents(layers: readonly SeenLayer[]): string[] | undefined {
  const wanted = layers.map(({ entries, summary }) => ({
    paths: summary?.paths ?? new Uint8Array(),
    wanted: entries.filter(({ kind }) => kind === "file").map(({ path }) => path),
  }));
  const { survivors, ambiguities } = foldLayers(wanted);
  if (ambiguities.length > 0) return undefined;
  return survivors.flatMap(({ layer, path, places }) => {
    const entry = layers[layer]?.entries.find((one) => one.path === path);
    return places.map((place) => `${toBytes(place)} ${entry?.content}`);
  });
}

/** Two to four layers of files, links, deletions and opaque directories. */
function randomTars(seed: number): readonly Buffer[] {
  const dice = chance(seed);
  const pick = (from: readonly string[]): string => from[dice(from.length)] ?? "a";
  return Array.from({ length: 2 + dice(3) }, (_, layer) => {
    const members = new Map<string, Buffer>();
    const base = folders.filter(() => dice(3) > 0);
    for (const path of base) members.set(path, folder(path));
    for (let count = 0; count < 1 + dice(4); count += 1) {
      const path = pick(names);
      const kind = layer === 0 ? dice(4) : dice(7);
      if (kind < 3) members.set(path, file(path, `layer ${layer} ${count}`));
      else if (kind === 3) members.set(path, dice(2) === 0 ? symlink(path, "a") : hardlink(path, pick(names)));
      else if (kind < 6) members.set(whiteoutOf(pick([...names, ...folders])), Buffer.alloc(0));
      else members.set(`${pick(folders)}/.wh..wh..opq`, Buffer.alloc(0));
    }
    return archive(...[...members].map(([path, bytes]) => (bytes.length === 0 ? file(path, "") : bytes)));
  });
}

function whiteoutOf(path: string): string {
  const slash = path.lastIndexOf("/") + 1;
  return `${path.slice(0, slash)}.wh.${path.slice(slash)}`;
}
