// A tar upload, read in one pass while it streams to the engine.

import type { Transform } from "node:stream";

/** What the headers of an upload said; complete once the stream has ended. */
export type TarSummary = {
  /** `none`, `gzip`, `zstd`, `bzip2`, `xz` */
  readonly compression: string;
  readonly entries: number;
  /** Every path that the engine may take for its Dockerfile or manifest, with the last body seen (limited). */
  readonly documents: ReadonlyMap<string, Uint8Array>;
  /** Constructs on which known readers differ. */
  readonly ambiguities: readonly string[];
};

/** A pass-through that refuses (by error) what the policy of uploads forbids, and knows the summary at its end. */
export type InspectedTar = { readonly through: Transform; readonly summary: Promise<TarSummary> };
