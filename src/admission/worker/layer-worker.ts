// The program of a worker thread: makes the analyzers ready, then does one task after the other.

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { LayerBytes } from "../../image/source.ts";
import { analyzeLayer } from "../layer/analyze-layer.ts";
import { type Analyzers, openAnalyzers } from "../layer/analyzers.ts";
import { IncomingStream } from "./incoming-stream.ts";
import type { FromWorker, SentBytes, ToWorker } from "./messages.ts";
import { packError } from "./send-error.ts";

if (parentPort !== null) await serve(parentPort);

async function serve(port: MessagePort): Promise<void> {
  const say = (message: FromWorker): void => port.postMessage(message);
  try {
    const analyzers = await openAnalyzers(workerData);
    const incoming = new IncomingStream(() => say({ kind: "more" }));
    port.on("message", (message: ToWorker) => {
      if (message.kind === "chunk") incoming.push(message.chunk);
      else if (message.kind === "end") incoming.finish(message.isBroken);
      else
        void answer(message, analyzers, incoming).then(say, (thrown) =>
          say({ kind: "failed", failure: packError(thrown) }),
        );
    });
    say({ kind: "ready", missing: analyzers.missing });
  } catch (thrown) {
    say({ kind: "broken", failure: packError(thrown) });
    port.close();
  }
}

async function answer(
  task: Extract<ToWorker, { kind: "layer" | "config" }>,
  analyzers: Analyzers,
  incoming: IncomingStream,
): Promise<FromWorker> {
  if (task.kind === "config") return { kind: "findings", findings: analyzers.inspectConfig(task.config) };
  const bytes = receive(task.bytes, incoming);
  return { kind: "analysis", analysis: await analyzeLayer({ ...task, bytes }, analyzers) };
}

function receive(bytes: SentBytes, incoming: IncomingStream): LayerBytes {
  return bytes.kind === "chunks" ? { kind: "stream", stream: incoming.open() } : bytes;
}
