// One medium that holds images: registry, archive, layout, engine, directory. The same noun comes out of each.

import type { Readable } from "node:stream";
import type { Plugin } from "../base/plugin.ts";
import type { ImageDescription, LayerDescriptor, Platform } from "../model/image.ts";

/** Where a layer's bytes are: a worker thread opens a file itself, and gets a stream's chunks sent. */
export type LayerBytes =
  | { readonly kind: "file"; readonly path: string; readonly offset: number; readonly length: number }
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "stream"; readonly stream: Readable };

export type ImageLimits = {
  readonly maxManifestBytes: number;
  readonly maxConfigBytes: number;
  readonly maxLayers: number;
  /** Compressed and uncompressed bytes of one layer. */
  readonly maxLayerBytes: number;
  /** Uncompressed to compressed. */
  readonly maxInflateRatio: number;
  readonly maxEntries: number;
  readonly maxPathBytes: number;
  readonly maxDepth: number;
  /** Milliseconds without a byte from outside; milliseconds in all. */
  readonly idleTimeoutMs: number;
  readonly timeoutMs: number;
};

export type SourceSettings = {
  /** Undefined: this machine's. */
  readonly platform: Platform | undefined;
  readonly limits: ImageLimits;
  /** Unix socket of the engine; "" when there is none. */
  readonly engineSocket: string;
  /** Go with every question to the engine. */
  readonly engineHeaders?: Readonly<Record<string, string>>;
  /** Registries that may be spoken to without TLS, exact `host:port`. */
  readonly insecureRegistries: readonly string[];
  /** Mirrors by registry, `docker.io` -> `mirror.example:5000`. */
  readonly mirrors: Readonly<Record<string, string>>;
  /** Called for one registry, never for another; undefined: anonymous. */
  readonly credentials: (registry: string) => Promise<{ readonly user: string; readonly password: string } | undefined>;
  /** Folder for what does not fit into memory; the source removes what it made there. */
  readonly temporaryFolder: string;
  readonly signal: AbortSignal;
};

/** An image whose manifest and config are read and checked; the layers' bytes are checked while they flow. */
export interface OpenedImage {
  readonly description: ImageDescription;
  openLayer(layer: LayerDescriptor): Promise<LayerBytes>;
  close(): Promise<void>;
}

export interface ImageSource extends Plugin {
  /** @returns undefined when the subject is not of this medium, so that the next source may try */
  open(subject: string, settings: SourceSettings): Promise<OpenedImage | undefined>;
}
