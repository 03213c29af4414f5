// What the main thread and a worker say to each other.

import type { ErrorCode } from "../../base/errors.ts";
import type { ReadingHelp } from "../../image/layer/read-layer.ts";
import type { ImageLimits, LayerBytes } from "../../image/source.ts";
import type { Finding } from "../../model/finding.ts";
import type { ImageConfig, LayerDescriptor } from "../../model/image.ts";
import type { LayerAnalysis } from "../layer/analysis.ts";

/** A stream cannot be sent: its chunks follow as messages, as many as the worker asks for. */
export type SentBytes = Exclude<LayerBytes, { readonly kind: "stream" }> | { readonly kind: "chunks" };

export type ToWorker =
  | {
      readonly kind: "layer";
      readonly layer: LayerDescriptor;
      readonly bytes: SentBytes;
      readonly limits: ImageLimits;
      readonly help: ReadingHelp;
    }
  | { readonly kind: "config"; readonly config: ImageConfig }
  | { readonly kind: "chunk"; readonly chunk: Uint8Array }
  | { readonly kind: "end"; readonly isBroken: boolean };

export type FromWorker =
  | { readonly kind: "ready"; readonly missing: readonly { readonly name: string; readonly why: string }[] }
  | { readonly kind: "analysis"; readonly analysis: LayerAnalysis }
  | { readonly kind: "findings"; readonly findings: readonly Finding[] }
  /** Room for one more chunk. */
  | { readonly kind: "more" }
  /** The task could not be done; the thread goes on. */
  | { readonly kind: "failed"; readonly failure: SentError }
  /** The thread could not be made ready, and ends. */
  | { readonly kind: "broken"; readonly failure: SentError };

/** An error loses its class on the way between threads. */
export type SentError = { readonly code: ErrorCode | ""; readonly message: string; readonly hint: string };
