// What was learnt of layers and images, for the next time, and what one state of the advisories says of one list of packages:
// other advisories have another name, so what is known of weaknesses is never older than they are.

import { createHash } from "node:crypto";
import { join } from "node:path";
import type { LayerAnalysis } from "../layer/analysis.ts";
import type { Matches } from "../match-inventory.ts";
import type { KnownImage } from "../merge/image-contents.ts";
import { packAnalysis, unpackAnalysis } from "./analysis-bytes.ts";
import { openFileCache } from "./file-cache.ts";
import { packImage, packMatches, unpackImage, unpackMatches } from "./image-bytes.ts";

export interface ScanCache {
  /** @param diffId "" has none: a directory may change while one looks away */
  layer(diffId: string): LayerAnalysis | undefined;
  keepLayer(diffId: string, analysis: LayerAnalysis): void;
  /** @param digest of the config, or whatever else an engine calls the image by; it names config and layers */
  image(digest: string): KnownImage | undefined;
  keepImage(digest: string, image: KnownImage): void;
  /** @param question names all that the answer depends on */
  matches(question: string): Matches | undefined;
  keepMatches(question: string, matches: Matches): void;
}

export type ScanCacheOptions = {
  readonly folder: string;
  /** See analyzerKey. */
  readonly analyzers: string;
  readonly maxBytes?: number;
};

const defaultMaxBytes = 2 * 1024 ** 3;

export function openScanCache({ folder, analyzers, maxBytes = defaultMaxBytes }: ScanCacheOptions): ScanCache {
  const layers = openFileCache({ folder: join(folder, "layers"), maxBytes: maxBytes * 0.7 });
  const images = openFileCache({ folder: join(folder, "images"), maxBytes: maxBytes * 0.2 });
  const matches = openFileCache({ folder: join(folder, "matches"), maxBytes: maxBytes * 0.1 });
  const keyOf = (digest: string): string => createHash("sha256").update(`${analyzers}\0${digest}`).digest("hex");
  return {
    layer(diffId) {
      const kept = diffId === "" ? undefined : layers.get(keyOf(diffId));
      return kept && unpackAnalysis(kept);
    },
    keepLayer(diffId, analysis) {
      if (diffId !== "") layers.put(keyOf(diffId), packAnalysis(analysis));
    },
    image(digest) {
      const kept = digest === "" ? undefined : images.get(keyOf(digest));
      return kept && unpackImage(kept);
    },
    keepImage(digest, image) {
      if (digest !== "") images.put(keyOf(digest), packImage(image));
    },
    matches(question) {
      const kept = matches.get(keyOf(question));
      return kept && unpackMatches(kept);
    },
    keepMatches: (question, found) => matches.put(keyOf(question), packMatches(found)),
  };
}

/** For those who asked that nothing be kept. */
export const noCache: ScanCache = {
  layer: () => undefined,
  keepLayer: () => undefined,
  image: () => undefined,
  keepImage: () => undefined,
  matches: () => undefined,
  keepMatches: () => undefined,
};
