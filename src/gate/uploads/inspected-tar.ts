// A tar upload, read in one pass while it streams to the engine.

export type LayoutFiles = {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Why there may be more; "" when these are all. */
  readonly missing: string;
  /** Nothing else is in the archive. */
  readonly isAlone: boolean;
};

/** What the headers of an upload said; complete once the stream has ended. */
export type TarSummary = {
  /** `none`, `gzip`, `zstd`, `bzip2`, `xz` */
  readonly compression: string;
  readonly entries: number;
  /** Every path that the engine may take for its Dockerfile or manifest, with the last body seen (limited). */
  readonly documents: ReadonlyMap<string, Uint8Array>;
  /** Small files of an OCI layout by their paths, where they are asked for. */
  readonly layout: LayoutFiles;
  /** Constructs on which known readers differ. */
  readonly ambiguities: readonly string[];
};

/** An archive that does not reach the engine as it was sent: it goes on inflated, with entries added at its end. */
export interface ChangedTar {
  /** What goes on in place of the piece that was observed last. */
  pass(): readonly Uint8Array[];
  /** What goes on in place of everything that was held back, after `finish`. */
  release(held: readonly Uint8Array[]): readonly Uint8Array[];
}

/** Sees every piece before the engine does. */
export interface InspectedTar {
  /**
   * From the archive's end marker on: pieces wait until `finish` has judged. The engine does not act before it has them.
   * The last byte of the body waits as well: an archive may do without the marker.
   */
  readonly holdsBack: boolean;
  /** @throws Refusal (or rejects) for what no summary can make good; LIMIT_EXCEEDED */
  observe(piece: Uint8Array): Promise<void> | undefined;
  /** How many of the coming bytes nobody looks at; they may pass unseen, after `skip`. */
  readonly skippable: number;
  /** @param count at most `skippable` */
  skip(count: number): void;
  /** After the last piece. @throws Refusal what the verdict on the whole upload refused */
  finish(): Promise<TarSummary>;
  /** Absent: the pieces go on as they came. */
  readonly change?: ChangedTar;
}
