// The images of an index, as far as anybody signs or draws them.

import { readManifest } from "../../image/documents/manifest.ts";
import { formatPlatform } from "../../image/documents/platform.ts";
import { defaultImageLimits } from "../../image/limits.ts";
import type { Artifact } from "../../model/artifact-store.ts";
import type { Digest } from "../../model/image.ts";

export type ImageOfIndex = {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  /** As the index writes it: not for a terminal without `printable`. */
  readonly platform: string;
};

const maxImages = 64;

/** None for what is no index. */
export function imagesOf(top: Artifact): readonly ImageOfIndex[] {
  const document = readManifest(top.bytes, top.mediaType, defaultImageLimits.maxManifestBytes);
  if (document.kind === "manifest") return [];
  return document.manifests.slice(0, maxImages).map(({ digest, mediaType, size, platform }) => ({
    ...{ digest, mediaType, size },
    platform: platform === undefined ? "unnamed" : formatPlatform({ ...platform, variant: platform.variant ?? "" }),
  }));
}
