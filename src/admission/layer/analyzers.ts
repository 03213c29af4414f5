// Everybody who looks at files, made ready once and used for many layers.

import { PlimsollError } from "../../base/errors.ts";
import type { Detector } from "../../findings/detector.ts";
import { detectors } from "../../findings/detectors.generated.ts";
import { catalogers } from "../../inventory/catalogers.generated.ts";
import { createRouter, type Router } from "../../inventory/route.ts";
import type { Finding } from "../../model/finding.ts";
import type { ImageConfig } from "../../model/image.ts";
import type { AnalysisOptions } from "./analysis.ts";
import type { NamedDetector } from "./layer-analyst.ts";

export type Analyzers = {
  readonly router: Router;
  readonly detectors: readonly NamedDetector[];
  /** Names of detectors that are off because what they need is not there, and why. */
  readonly missing: readonly { readonly name: string; readonly why: string }[];
  inspectConfig(config: ImageConfig): readonly Finding[];
  close(): Promise<void>;
};

/** @throws PlimsollError POLICY_INVALID for a rule file with a mistake */
export async function openAnalyzers(options: AnalysisOptions): Promise<Analyzers> {
  const opened: NamedDetector[] = [];
  const close = async (): Promise<void> => {
    for (const { detector } of opened) await detector.close();
  };
  const missing: { readonly name: string; readonly why: string }[] = [];
  for (const plugin of detectorsOf(options)) {
    try {
      opened.push({ name: plugin.name, detector: await plugin.open(options) });
    } catch (thrown) {
      if (!(thrown instanceof PlimsollError) || thrown.code !== "NEED_MISSING") {
        await close();
        throw thrown;
      }
      missing.push({ name: plugin.name, why: thrown.message });
    }
  }
  return {
    router: createRouter(catalogers),
    detectors: opened,
    missing,
    inspectConfig: (config) => opened.flatMap(({ detector }) => detector.inspectConfig?.(config) ?? []),
    close,
  };
}

/** What each detector looks for; one that is not named here is always on. */
const purposes: Readonly<Record<string, keyof AnalysisOptions>> = {
  secrets: "withSecrets",
  yara: "withMalware",
  "packed-program": "withMalware",
  "hash-list": "withMalware",
  clamd: "withMalware",
  "image-configuration": "withConfiguration",
};

export function detectorsOf(options: AnalysisOptions): readonly Detector[] {
  return detectors.filter(({ name }) => {
    if (name === "clamd" && options.clamdSocket === "") return false;
    const purpose = purposes[name];
    return purpose === undefined || options[purpose] !== false;
  });
}
