// What one pass over a layer tells: kept by diffID, so it must not depend on other layers, on names, or on what is known of weaknesses.

import type { Finding } from "../../model/finding.ts";
import type { LayerSummary } from "../../model/layer.ts";
import type { FileProblem, FoundResult } from "../../model/package.ts";

export type LayerAnalysis = {
  readonly summary: LayerSummary;
  /** `layer` is 0 in all of them: the fold fills it in. */
  readonly results: readonly FoundResult[];
  readonly findings: readonly Finding[];
  readonly problems: readonly FileProblem[];
  /** All paths and what each does to lower layers: what foldLayers takes. */
  readonly paths: Uint8Array;
};

/** What is looked for. Part of the key under which results are kept. */
export type AnalysisOptions = {
  readonly withSecrets: boolean;
  readonly withMalware: boolean;
  readonly withConfiguration: boolean;
  /** Files with rules of the user, absolute. */
  readonly ruleFiles: readonly string[];
  /** "" for none. */
  readonly clamdSocket: string;
};
