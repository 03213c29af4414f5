// Reads layers in the calling thread: nothing has to be loaded twice. For programs that have nothing else to do.

import type { AnalysisOptions } from "../layer/analysis.ts";
import { analyzeLayer } from "../layer/analyze-layer.ts";
import { type Analyzers, openAnalyzers } from "../layer/analyzers.ts";
import type { Lane, LaneOwner, Prepared, Task } from "./lane.ts";
import type { FromWorker } from "./messages.ts";

export function openThisThread(options: AnalysisOptions, owner: LaneOwner): Lane {
  const ending = new AbortController();
  let analyzers: Promise<Analyzers> | undefined;
  const ready = (): Promise<Analyzers> => {
    analyzers ??= openAnalyzers(options).then((opened) => {
      owner.ready(opened.missing);
      return opened;
    });
    return analyzers;
  };
  const work = async (task: Task): Promise<void> => {
    try {
      task.done(await answer(await task.prepare(), await ready(), ending.signal));
    } catch (thrown) {
      task.failed(thrown);
    }
  };
  return {
    start(task) {
      void work(task).then(() => owner.idle());
    },
    end: async () => {
      ending.abort();
      const opened = await analyzers?.catch(() => undefined);
      await opened?.close();
    },
  };
}

async function answer({ message, stream }: Prepared, analyzers: Analyzers, signal: AbortSignal): Promise<FromWorker> {
  if (message.kind === "config") return { kind: "findings", findings: analyzers.inspectConfig(message.config) };
  const { layer, limits, help } = message;
  const bytes = message.bytes.kind !== "chunks" ? message.bytes : undefined;
  if (bytes !== undefined)
    return { kind: "analysis", analysis: await analyzeLayer({ layer, bytes, limits, help, signal }, analyzers) };
  if (stream === undefined) throw new Error("a layer without bytes");
  try {
    const fromStream = { layer, bytes: { kind: "stream", stream }, limits, help, signal } as const;
    return { kind: "analysis", analysis: await analyzeLayer(fromStream, analyzers) };
  } finally {
    stream.destroy();
  }
}
