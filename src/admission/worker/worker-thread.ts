// A thread that reads layers, seen from the main thread: sends it tasks and the chunks of streams, hears what it found.

import type { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { never } from "../../base/errors.ts";
import { threadEnvironment } from "../../base/thread-environment.ts";
import type { AnalysisOptions } from "../layer/analysis.ts";
import type { Lane, LaneOwner, Task } from "./lane.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { unpackError } from "./send-error.ts";

/** Beside built JavaScript lies JavaScript. */
const program = new URL(import.meta.url.endsWith(".ts") ? "./layer-worker.ts" : "./layer-worker.js", import.meta.url);

export class WorkerThread implements Lane {
  readonly #worker: Worker;
  readonly #owner: LaneOwner;
  #task: Task | undefined;
  #stream: Readable | undefined;
  #chunks: AsyncIterator<unknown> | undefined;
  #isSending = false;
  #streamError: unknown;

  constructor(options: AnalysisOptions, owner: LaneOwner) {
    this.#owner = owner;
    this.#worker = new Worker(program, { workerData: options, name: "plimsoll layer", env: threadEnvironment() });
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
