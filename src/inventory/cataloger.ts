// One way to learn about packages: from files of one kind. Pure: bytes in, packages out. The conductor walks and opens, a cataloger never does.

import type { Plugin } from "../base/plugin.ts";
import type { CatalogResult } from "../model/package.ts";
import type { LargeBytes } from "./bytes.ts";

/** Which files a cataloger reads. Declared, so that a layer's router can look a path up instead of asking everybody. */
export type Reads = {
  /** Whole paths, `lib/apk/db/installed`. */
  readonly paths?: readonly string[];
  /** Direct children of these directories, `var/lib/dpkg/status.d`. */
  readonly directories?: readonly string[];
  /** Last part of the path, `package-lock.json`. */
  readonly baseNames?: readonly string[];
  /** End of the last part, compared in lower case, `.jar`. */
  readonly suffixes?: readonly string[];
  /** Programs and libraries by their first bytes. */
  readonly executables?: boolean;
};

export type CatalogFile = {
  /** See FileEntry.path. */
  readonly path: string;
  /** The whole content; valid only during the call. */
  readonly content: Uint8Array;
};

/** A file that is not held in memory. */
export type LargeFile = {
  readonly path: string;
  /** Valid only during the call. */
  readonly content: LargeBytes;
};

/** Bytes up to which a file is held in memory. */
export const maxHeldBytes: number = 48 * 1024 * 1024;

export interface Cataloger extends Plugin {
  /** Grows with each change of what comes out: stored results of older versions are made anew. */
  readonly version: number;
  readonly reads: Reads;
  /** Larger files are reported as a problem, not read. Bytes. */
  readonly maxBytes: number;
  /** @throws PlimsollError MALFORMED_INPUT or LIMIT_EXCEEDED; the file becomes a FileProblem */
  catalog(file: CatalogFile): CatalogResult;
  /** The same for files that are larger than what is held: without it maxBytes is at most maxHeldBytes. */
  catalogLarge?(file: LargeFile): CatalogResult;
}
