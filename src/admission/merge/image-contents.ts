// What is in an image, before anything that is known of weaknesses is looked up.

import type { Finding } from "../../model/finding.ts";
import type { LayerSummary } from "../../model/layer.ts";
import type { Inventory } from "../../model/package.ts";

export type ImageContents = {
  readonly layers: readonly LayerSummary[];
  readonly inventory: Inventory;
  /** All kinds but vulnerabilities. */
  readonly findings: readonly Finding[];
};
