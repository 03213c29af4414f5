// What was learnt of layers and images, for the next time. What is known of weaknesses is not in it: that is looked up anew.

import { createHash } from "node:crypto";
import { join } from "node:path";
import type { LayerAnalysis } from "../layer/analysis.ts";
import type { ImageContents } from "../merge/image-contents.ts";
import { packAnalysis, unpackAnalysis } from "./analysis-bytes.ts";
import { openFileCache } from "./file-cache.ts";

export interface ScanCache {
  /** @param diffId "" has none: a directory may change while one looks away */
  layer(diffId: string): LayerAnalysis | undefined;
  keepLayer(diffId: string, analysis: LayerAnalysis): void;
  /** @param configDigest names config and layers */
  image(configDigest: string): ImageContents | undefined;
  keepImage(configDigest: string, contents: ImageContents): void;
}

export type ScanCacheOptions = {
  readonly folder: string;
  /** See analyzerKey. */
  readonly analyzers: string;
  readonly maxBytes?: number;
};

const defaultMaxBytes = 2 * 1024 ** 3;

export function openScanCache({ folder, analyzers, maxBytes = defaultMaxBytes }: ScanCacheOptions): ScanCache {
  const layers = openFileCache({ folder: join(folder, "layers"), maxBytes: maxBytes * 0.75 });
  const images = openFileCache({ folder: join(folder, "images"), maxBytes: maxBytes * 0.25 });
  const keyOf = (digest: string): string => createHash("sha256").update(`${analyzers}\0${digest}`).digest("hex");
  return {
    layer(diffId) {
      const kept = diffId === "" ? undefined : layers.get(keyOf(diffId));
      return kept && unpackAnalysis(kept);
    },
    keepLayer(diffId, analysis) {
      if (diffId !== "") layers.put(keyOf(diffId), packAnalysis(analysis));
    },
    image(configDigest) {
      const kept = configDigest === "" ? undefined : images.get(keyOf(configDigest));
      const contents: ImageContents | undefined = kept && JSON.parse(kept.toString());
      return contents;
    },
    keepImage(configDigest, contents) {
      if (configDigest !== "") images.put(keyOf(configDigest), Buffer.from(JSON.stringify(contents)));
    },
  };
}

/** For those who asked that nothing be kept. */
export const noCache: ScanCache = {
  layer: () => undefined,
  keepLayer: () => undefined,
  image: () => undefined,
  keepImage: () => undefined,
};
