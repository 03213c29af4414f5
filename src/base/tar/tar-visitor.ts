// What a tar reader tells while it reads.

import type { ContentSink } from "../../model/layer.ts";

export type TarLimits = {
  readonly maxEntries: number;
  /** One name or link target, in bytes. */
  readonly maxPathBytes: number;
};

/** One member, after all extended headers were applied as Go's archive/tar applies them. */
export type TarEntry = {
  /** As the archive says it, not cleaned. */
  readonly name: string;
  /** One character; never NUL. `g` is a global header, which engines ignore. */
  readonly type: string;
  /** Bytes of content that follow; 0 for types that cannot have any. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly linkName: string;
  /** `major:minor`, or "". */
  readonly device: string;
  /** Values as latin1 text. */
  readonly xattrs: Readonly<Record<string, string>>;
  /** Where the content begins, in bytes from the start of the archive. */
  readonly offset: number;
};

export interface TarVisitor {
  /** @param head the first bytes of the content, up to 512; valid only during the call */
  entry(entry: TarEntry, head: Uint8Array): ContentSink | undefined;
  /** Something that known readers understand differently. @param name of the entry, as the archive says it; "" for the whole */
  note(rule: string, name: string, detail: string): void;
}
