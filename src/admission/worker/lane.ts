// One place where layers are read: a worker thread, or this very thread. One task at a time.

import type { Readable } from "node:stream";
import type { FromWorker, ToWorker } from "./messages.ts";

export type Prepared = {
  readonly message: Extract<ToWorker, { kind: "layer" | "config" }>;
  /** What is sent in chunks, for a layer that is not in a file. */
  readonly stream: Readable | undefined;
};

export type Task = {
  /** Opens the layer; called when there is a lane free. */
  readonly prepare: () => Promise<Prepared>;
  readonly done: (answer: FromWorker) => void;
  readonly failed: (thrown: unknown) => void;
};

export type Missing = readonly { readonly name: string; readonly why: string }[];

export type LaneOwner = {
  readonly ready: (missing: Missing) => void;
  /** The task is settled; another may come. */
  readonly idle: () => void;
  /** No task will be taken any more. */
  readonly gone: () => void;
};

export interface Lane {
  start(task: Task): void;
  /** At once, also in the middle of a task. */
  end(): Promise<void>;
}
