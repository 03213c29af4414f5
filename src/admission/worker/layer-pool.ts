// Where layers are read, as many at once as there are cores; threads are made when they are needed, and gone when the work is done.

import { availableParallelism } from "node:os";
import type { ReadingHelp } from "../../image/layer/read-layer.ts";
import type { ImageLimits, LayerBytes } from "../../image/source.ts";
import type { Finding } from "../../model/finding.ts";
import type { ImageConfig, LayerDescriptor } from "../../model/image.ts";
import type { AnalysisOptions, LayerAnalysis } from "../layer/analysis.ts";
import type { Lane, LaneOwner, Missing, Task } from "./lane.ts";
import type { FromWorker } from "./messages.ts";
import { openThisThread } from "./this-thread.ts";
import { WorkerThread } from "./worker-thread.ts";

export interface LayerPool {
  /** @param open called when a thread is free, so that no more layers are fetched than are read */
  readLayer(layer: LayerDescriptor, open: () => Promise<LayerBytes>, limits: ImageLimits): Promise<LayerAnalysis>;
  inspectConfig(config: ImageConfig): Promise<readonly Finding[]>;
  /** Detectors that are off, once a thread has tried them. */
  missing(): Missing;
  /** Ends all threads, also in the middle of their work. */
  close(): Promise<void>;
}

export type LayerPoolOptions = {
  readonly analysis: AnalysisOptions;
  /** At most so many layers at once; the number of cores when left out. */
  readonly lanes?: number;
  /** The calling thread is one of them: for programs that have nothing else to do meanwhile. */
  readonly usesThisThread: boolean;
};

const closedText = "no more layers are read";

export function openLayerPool(options: LayerPoolOptions): LayerPool {
  const most = options.lanes ?? availableParallelism();
  const waiting: Task[] = [];
  const lanes = new Set<Lane>();
  const idle: Lane[] = [];
  let missing: Missing = [];
  let isClosed = false;

  const next = (): void => {
    while (waiting.length > 0 && !isClosed) {
      const lane = idle.pop() ?? (lanes.size < most ? makeLane() : undefined);
      const task = lane && waiting.shift();
      if (lane === undefined || task === undefined) return;
      lane.start(task);
    }
  };
  const makeLane = (): Lane => {
    const owner: LaneOwner = {
      ready(names) {
        missing = names;
      },
      idle() {
        idle.push(lane);
        next();
      },
      gone() {
        lanes.delete(lane);
        if (idle.includes(lane)) idle.splice(idle.indexOf(lane), 1);
        next();
      },
    };
    const isFirst = options.usesThisThread && lanes.size === 0;
    const lane: Lane = isFirst ? openThisThread(options.analysis, owner) : new WorkerThread(options.analysis, owner);
    lanes.add(lane);
    return lane;
  };
  const run = (prepare: Task["prepare"]): Promise<FromWorker> =>
    new Promise((done, failed) => {
      if (isClosed) return failed(new Error(closedText));
      waiting.push({ prepare, done, failed });
      next();
    });
  const help = (): ReadingHelp => {
    const reading = lanes.size - idle.length;
    if (reading >= availableParallelism()) return "none";
    return most > 1 && waiting.length === 0 && reading === 1 ? "hash" : "read-ahead";
  };
  return {
    readLayer: (layer, open, limits) => readLayer({ run, help }, layer, open, limits),
    async inspectConfig(config) {
      const answer = await run(async () => ({ message: { kind: "config", config }, stream: undefined }));
      if (answer.kind === "findings") return answer.findings;
      throw new Error(`expected findings, found ${answer.kind}`);
    },
    missing: () => missing,
    async close() {
      isClosed = true;
      for (const task of waiting.splice(0)) task.failed(new Error(closedText));
      await Promise.all([...lanes].map((lane) => lane.end()));
    },
  };
}

type Runner = {
  readonly run: (prepare: Task["prepare"]) => Promise<FromWorker>;
  readonly help: () => ReadingHelp;
};

async function readLayer(
  { run, help }: Runner,
  layer: LayerDescriptor,
  open: () => Promise<LayerBytes>,
  limits: ImageLimits,
): Promise<LayerAnalysis> {
  const answer = await run(async () => {
    const bytes = await open();
    // Asked now: whoever wants more layers read has said so while this one was opened.
    const task = { kind: "layer", layer, limits, help: help() } as const;
    if (bytes.kind !== "stream") return { message: { ...task, bytes }, stream: undefined };
    return { message: { ...task, bytes: { kind: "chunks" } }, stream: bytes.stream };
  });
  if (answer.kind === "analysis") return answer.analysis;
  throw new Error(`expected an analysis, found ${answer.kind}`);
}
