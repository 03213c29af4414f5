// The whole result of looking at one image (or directory, archive, SBOM): what every report format and every policy question is made from.

import type { Decision } from "./decision.ts";
import type { Finding, Suppressed } from "./finding.ts";
import type { ImageDescription } from "./image.ts";
import type { LayerSummary } from "./layer.ts";
import type { Inventory } from "./package.ts";

/** How old the knowledge is that a scan was made with. */
export type AdvisoryData = {
  /** SHA-256 of the database's signed manifest, hex, which holds the hashes of all the rest; "" when there was none. */
  readonly digest: string;
  /** RFC 3339; "" when there was none. */
  readonly builtAt: string;
  readonly feeds: readonly { readonly name: string; readonly updatedAt: string; readonly advisories: number }[];
};

export type ScanResult = {
  readonly image: ImageDescription;
  readonly layers: readonly LayerSummary[];
  readonly inventory: Inventory;
  readonly findings: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
  readonly advisoryData: AdvisoryData;
  /** Undefined when no policy was asked. */
  readonly decision: Decision | undefined;
  /** RFC 3339. */
  readonly scannedAt: string;
  readonly durationMs: number;
  /** `plimsoll 0.1.0` */
  readonly tool: string;
};
