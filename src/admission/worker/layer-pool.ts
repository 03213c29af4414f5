// Worker threads that read layers, as many at once as there are cores; made when they are needed, gone when the work is done.

import { availableParallelism } from "node:os";
import type { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { never } from "../../base/errors.ts";
import type { ImageLimits, LayerBytes } from "../../image/source.ts";
import type { Finding } from "../../model/finding.ts";
import type { ImageConfig, LayerDescriptor } from "../../model/image.ts";
import type { AnalysisOptions, LayerAnalysis } from "../layer/analysis.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { unpackError } from "./send-error.ts";

export interface LayerPool {
  /** @param open called when a thread is free, so that no more layers are fetched than are read */
  readLayer(layer: LayerDescriptor, open: () => Promise<LayerBytes>, limits: ImageLimits): Promise<LayerAnalysis>;
  inspectConfig(config: ImageConfig): Promise<readonly Finding[]>;
  /** Detectors that are off, once a worker has tried them. */
  missing(): readonly { readonly name: string; readonly why: string }[];
  /** Ends all threads, also in the middle of their work. */
  close(): Promise<void>;
}

type Prepared = {
  readonly message: Extract<ToWorker, { kind: "layer" | "config" }>;
  readonly stream: Readable | undefined;
};

type Task = {
  readonly prepare: () => Promise<Prepared>;
  readonly done: (answer: FromWorker) => void;
  readonly failed: (thrown: unknown) => void;
};

export function openLayerPool(options: AnalysisOptions, threads: number = availableParallelism()): LayerPool {
  const waiting: Task[] = [];
  const threadsAtWork = new Set<WorkerThread>();
  const idle: WorkerThread[] = [];
  let missing: readonly { readonly name: string; readonly why: string }[] = [];
  let isClosed = false;

  const next = (): void => {
    while (waiting.length > 0) {
      const thread = idle.pop() ?? (threadsAtWork.size < threads ? makeThread() : undefined);
      if (thread === undefined) return;
      const task = waiting.shift();
      if (task !== undefined) thread.start(task);
    }
  };
  const makeThread = (): WorkerThread => {
    const thread: WorkerThread = new WorkerThread(options, {
      ready: (names) => {
        missing = names;
      },
      idle: () => {
        idle.push(thread);
        next();
      },
      gone: () => {
        threadsAtWork.delete(thread);
        if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1);
        if (!isClosed) next();
      },
    });
    threadsAtWork.add(thread);
    return thread;
  };
  const run = (prepare: Task["prepare"]): Promise<FromWorker> =>
    new Promise((done, failed) => {
      waiting.push({ prepare, done, failed });
      next();
    });

  return {
    async readLayer(layer, open, limits) {
      const answer = await run(async () => {
        const bytes = await open();
        if (bytes.kind !== "stream") return { message: { kind: "layer", layer, bytes, limits }, stream: undefined };
        return { message: { kind: "layer", layer, bytes: { kind: "chunks" }, limits }, stream: bytes.stream };
      });
      if (answer.kind === "analysis") return answer.analysis;
      throw new Error(`expected an analysis, found ${answer.kind}`);
    },
    async inspectConfig(config) {
      const answer = await run(async () => ({ message: { kind: "config", config }, stream: undefined }));
      if (answer.kind === "findings") return answer.findings;
      throw new Error(`expected findings, found ${answer.kind}`);
    },
    missing: () => missing,
    async close() {
      isClosed = true;
      await Promise.all([...threadsAtWork].map((thread) => thread.end()));
    },
  };
}

type Owner = {
  readonly ready: (missing: readonly { readonly name: string; readonly why: string }[]) => void;
  readonly idle: () => void;
  readonly gone: () => void;
};

/** Beside built JavaScript lies JavaScript. */
const program = new URL(import.meta.url.endsWith(".ts") ? "./layer-worker.ts" : "./layer-worker.js", import.meta.url);

class WorkerThread {
  readonly #worker: Worker;
  readonly #owner: Owner;
  #task: Task | undefined;
  #stream: Readable | undefined;
  #chunks: AsyncIterator<unknown> | undefined;
  #isSending = false;
  #streamError: unknown;

  constructor(options: AnalysisOptions, owner: Owner) {
    this.#owner = owner;
    this.#worker = new Worker(program, { workerData: options, name: "plimsoll layer" });
    this.#worker.on("message", (message: FromWorker) => this.#hear(message));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => {
      this.#fail(new Error("the thread that read the layer has ended"));
      this.#owner.gone();
    });
  }

  start(task: Task): void {
    this.#task = task;
    this.#streamError = undefined;
    task.prepare().then(
      ({ message, stream }) => {
        this.#stream = stream;
        this.#chunks = stream?.[Symbol.asyncIterator]();
        this.#say(message);
      },
      (thrown: unknown) => this.#settle(() => task.failed(thrown)),
    );
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case "ready":
        this.#owner.ready(message.missing);
        break;
      case "more":
        this.#sendChunk().catch((thrown: unknown) => this.#fail(thrown));
        break;
      case "broken":
        this.#fail(unpackError(message.failure));
        break;
      case "failed":
        // Why the bytes stopped coming says more than that they did.
        this.#settle((task) => task.failed(this.#streamError ?? unpackError(message.failure)));
        break;
      case "analysis":
      case "findings":
        this.#settle((task) => task.done(message));
        break;
      default:
        never(message);
    }
  }

  #settle(tell: (task: Task) => void): void {
    const task = this.#task;
    this.#task = undefined;
    this.#dropStream();
    if (task === undefined) return;
    tell(task);
    this.#owner.idle();
  }

  #fail(error: unknown): void {
    const task = this.#task;
    this.#task = undefined;
    this.#dropStream();
    task?.failed(error);
  }

  /** What is left of a stream that was not read to its end is not wanted any more. */
  #dropStream(): void {
    this.#stream?.destroy();
    this.#stream = undefined;
    this.#chunks = undefined;
  }

  async #sendChunk(): Promise<void> {
    const chunks = this.#chunks;
    if (chunks === undefined || this.#isSending) return;
    this.#isSending = true;
    try {
      const { done, value } = await chunks.next();
      if (chunks !== this.#chunks) return;
      if (done === true) this.#say({ kind: "end", isBroken: false });
      else if (value instanceof Uint8Array) this.#say({ kind: "chunk", chunk: value });
    } catch (thrown) {
      this.#streamError = thrown;
      this.#say({ kind: "end", isBroken: true });
    } finally {
      this.#isSending = false;
    }
  }

  #say(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
