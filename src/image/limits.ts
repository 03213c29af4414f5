// How much an image may be, unless the configuration says otherwise. Real images stay far below; what is beyond is an attack or an accident.

import type { ImageLimits } from "./source.ts";

export const defaultImageLimits: ImageLimits = {
  maxManifestBytes: 4 * 1024 * 1024,
  maxConfigBytes: 8 * 1024 * 1024,
  maxLayers: 512,
  maxLayerBytes: 64 * 2 ** 30,
  // Deflate cannot exceed 1,032; zstd can.
  maxInflateRatio: 1100,
  maxEntries: 5_000_000,
  maxPathBytes: 4096,
  maxDepth: 256,
  idleTimeoutMs: 30_000,
  timeoutMs: 30 * 60_000,
};
