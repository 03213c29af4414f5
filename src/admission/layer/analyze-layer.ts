// One layer, read once: its digests, what it holds, and what is wrong with it.

import { type ReadingHelp, readLayer } from "../../image/layer/read-layer.ts";
import type { ImageLimits, LayerBytes } from "../../image/source.ts";
import type { LayerDescriptor } from "../../model/image.ts";
import type { LayerAnalysis } from "./analysis.ts";
import type { Analyzers } from "./analyzers.ts";
import { LayerAnalyst } from "./layer-analyst.ts";

export type LayerTask = {
  readonly layer: LayerDescriptor;
  readonly bytes: LayerBytes;
  readonly limits: ImageLimits;
  readonly help: ReadingHelp;
  readonly signal?: AbortSignal;
};

/** @throws PlimsollError of readLayer: a layer that cannot be read has no analysis */
export async function analyzeLayer(task: LayerTask, analyzers: Analyzers): Promise<LayerAnalysis> {
  const analyst = new LayerAnalyst(analyzers.router, analyzers.detectors, task.signal);
  try {
    const options = { help: task.help, signal: task.signal };
    const summary = await readLayer(task.bytes, task.layer, task.limits, analyst, options);
    return await analyst.finish(summary);
  } finally {
    analyst.close();
  }
}
