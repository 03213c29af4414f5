// One publisher of advisories: where its files are, and how they become the normal form.

import type { Plugin } from "../base/plugin.ts";
import type { Advisory } from "../model/advisory.ts";

export type FeedFile = {
  /** Stable name, `Debian/all.zip`. */
  readonly name: string;
  readonly url: string;
  /** Most bytes that are taken. */
  readonly maxBytes: number;
};

export interface AdvisoryFeed extends Plugin {
  /** What to fetch. Base addresses can be changed by the configuration (mirrors). */
  readonly files: readonly FeedFile[];
  /**
   * @param path where the downloaded file lies
   * @throws PlimsollError MALFORMED_INPUT for a file that is not what it says; single bad records are given to `problem` instead
   */
  read(file: FeedFile, path: string, problem: (what: string) => void): AsyncIterable<Advisory>;
}
