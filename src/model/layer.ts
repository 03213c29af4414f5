// What a layer holds, as the engine would extract it, and how others look at it while it flows by.
// Source: OCI image-spec v1.1.0, layer.md; facts on tar readers in docs/decisions.

export type EntryKind =
  | "file"
  | "directory"
  | "symlink"
  | "hardlink"
  | "character-device"
  | "block-device"
  | "fifo"
  | "whiteout" // the path below this name is deleted from lower layers
  | "opaque"; // everything below this directory in lower layers is deleted

export type FileEntry = {
  /**
   * Relative to the root, without leading slash or dot, `usr/bin/env`; "" is the root itself. Bytes that are not UTF-8 stand as
   * U+DC80..U+DCFF, one for each byte, so that two different names stay different. For a whiteout: the path it deletes.
   */
  readonly path: string;
  readonly kind: EntryKind;
  /** Bytes of content; 0 for everything but files. */
  readonly size: number;
  /** Permission bits with setuid, setgid and sticky: 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970, may be negative. */
  readonly mtime: number;
  /** Symlink: the text of the link. Hard link: the path that it shares its bytes with. Else "". */
  readonly target: string;
  /** `major:minor`; "" for what is no device. */
  readonly device: string;
  /** Extended attributes by name, values as latin1 text. */
  readonly xattrs: Readonly<Record<string, string>>;
};

/** Takes the bytes of one file in order. A chunk is valid only during the call: copy what has to stay. */
export interface ContentSink {
  write(chunk: Uint8Array): void;
  end(): void;
}

/** Looks at a layer while it flows by, in tar order. */
export interface LayerVisitor {
  /** @param head the first bytes of a file (up to 512; empty for what is no file) @returns undefined when the content is of no interest */
  visit(entry: FileEntry, head: Uint8Array): ContentSink | undefined;
}

/** A construct on which known tar readers differ: what a scanner saw may not be what an engine extracts. */
export type Ambiguity = {
  /** `pax-and-gnu-name`, `size-on-link`, `duplicate-path`, ...: the table in docs/images.md. */
  readonly rule: string;
  /** The entry's path, printable or not; "" when it concerns the whole layer. */
  readonly path: string;
  readonly detail: string;
};

export type LayerSummary = {
  readonly digest: string;
  readonly diffId: string;
  /** Uncompressed bytes. */
  readonly size: number;
  readonly entries: number;
  readonly ambiguities: readonly Ambiguity[];
};
