// image bytes -> layers -> inventory: what is kept is not read again, all else is read once, as many layers at a time as there are threads.

import { limitExceeded, type PlimsollError } from "../base/errors.ts";
import type { ImageLimits, OpenedImage } from "../image/source.ts";
import type { LayerDescriptor } from "../model/image.ts";
import type { ScanCache } from "./cache/scan-cache.ts";
import type { LayerAnalysis } from "./layer/analysis.ts";
import type { ImageContents } from "./merge/image-contents.ts";
import { mergeLayers } from "./merge/merge-layers.ts";
import type { LayerPool } from "./worker/layer-pool.ts";

export type ReadingRoom = {
  readonly cache: ScanCache;
  /** Threads are started by the first layer that has to be read. */
  readonly pool: LayerPool;
  readonly limits: ImageLimits;
  readonly progress: (progress: ScanProgress) => void;
};

export type ScanProgress = {
  readonly layers: number;
  readonly done: number;
  /** Bytes of all layers as stored, and of those that are done. */
  readonly bytes: number;
  readonly doneBytes: number;
};

/** @throws PlimsollError when a layer cannot be read: nobody can say what is in such an image */
export async function readContents(image: OpenedImage, room: ReadingRoom): Promise<ImageContents> {
  const { configDigest, config, layers } = image.description;
  // A file that says what an engine's layers are is as good as they are; a directory has no such name.
  const hasNames = layers.every(({ diffId }) => diffId !== "");
  const kept = hasNames ? room.cache.image(configDigest) : undefined;
  if (kept !== undefined) return kept.contents;
  const step = countProgress(layers, room.progress);
  const count = countAll();
  const analyses = await Promise.all(
    layers.map(async (layer) => {
      const analysis = await analyze(layer, image, room).finally(() => step(layer));
      count(analysis);
      return analysis;
    }),
  );
  // Last, in a thread that is ready by now. A directory has no config that somebody wrote.
  const configFindings = image.description.source === "directory" ? [] : await room.pool.inspectConfig(config);
  const contents = mergeLayers(analyses, configFindings);
  // Some engines call an image by its config, others by its manifest.
  for (const digest of hasNames ? [configDigest, image.description.manifestDigest] : []) {
    room.cache.keepImage(digest, { description: image.description, contents });
  }
  return contents;
}

async function analyze(layer: LayerDescriptor, image: OpenedImage, room: ReadingRoom): Promise<LayerAnalysis> {
  const kept = room.cache.layer(layer.diffId);
  if (kept !== undefined) return kept;
  const analysis = await room.pool.readLayer(layer, () => image.openLayer(layer), room.limits);
  room.cache.keepLayer(layer.diffId, analysis);
  return analysis;
}

/** Of all layers together: each alone stays within its limits, and there may be hundreds. */
const most = { packages: 200_000, owned: 1_000_000, findings: 100_000 };

/** @returns takes layer after layer @throws PlimsollError LIMIT_EXCEEDED: what is left out would look clean */
function countAll(): (analysis: LayerAnalysis) => void {
  const all = { packages: 0, owned: 0, findings: 0 };
  return ({ results, findings }) => {
    all.findings += findings.length;
    for (const { result } of results) {
      all.packages += result.packages.length;
      all.owned += result.owned.length;
    }
    if (all.packages > most.packages) throw tooMuch(`${most.packages} packages`);
    if (all.owned > most.owned) throw tooMuch(`${most.owned} files of packages`);
    if (all.findings > most.findings) throw tooMuch(`${most.findings} findings`);
  };
}

function tooMuch(what: string): PlimsollError {
  return limitExceeded("layers", `more than ${what} in all of them together`);
}

function countProgress(
  layers: readonly LayerDescriptor[],
  tell: (progress: ScanProgress) => void,
): (layer: LayerDescriptor) => void {
  const bytes = layers.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  let doneBytes = 0;
  tell({ layers: layers.length, done, bytes, doneBytes });
  return ({ size }) => {
    done += 1;
    doneBytes += size;
    tell({ layers: layers.length, done, bytes, doneBytes });
  };
}
