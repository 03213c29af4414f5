// What is in an image, before anything that is known of weaknesses is looked up.

import type { Finding } from "../../model/finding.ts";
import type { ImageDescription } from "../../model/image.ts";
import type { LayerSummary } from "../../model/layer.ts";
import type { Inventory } from "../../model/package.ts";

/** With what its manifest and config say. */
export type KnownImage = { readonly description: ImageDescription; readonly contents: ImageContents };

export type ImageContents = {
  readonly layers: readonly LayerSummary[];
  readonly inventory: Inventory;
  /** `packagesDigest` of its packages, where that was worked out when they were kept. */
  readonly packagesDigest?: string;
  /** All kinds but vulnerabilities. */
  readonly findings: readonly Finding[];
};
