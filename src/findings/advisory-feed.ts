// One publisher of knowledge about weaknesses: where its files are, and how they become the normal form.

import type { Plugin } from "../base/plugin.ts";
import type { Advisory, DistributionSupport } from "../model/advisory.ts";

export type FeedFile = {
  /** Stable name, `Debian/all.zip`: below the feed's base address, and below its folder on disk. */
  readonly name: string;
  /** Most bytes that are taken. */
  readonly maxBytes: number;
  /** A small file beside it whose text is the name under which the newest one lies. */
  readonly nameIn?: string;
  /**
   * A small file whose first line is the address of an rpm repository. The repository's own index says where its file of updates is,
   * and which SHA-256 it has. The address counts as a path below the feed's base address, whatever host it names.
   */
  readonly repositoryIn?: string;
  /** Appended to the name: a file with the SHA-256 that the publisher gives. */
  readonly checksumSuffix?: string;
};

/** One thing that a feed says. */
export type FeedRecord =
  | { readonly kind: "advisory"; readonly advisory: Advisory }
  /** @see model/advisory.ts Exploitation; a feed says one of the two */
  | { readonly kind: "exploitation"; readonly id: string; readonly epss: number; readonly isKnownExploited: boolean }
  | { readonly kind: "support"; readonly support: DistributionSupport };

export interface AdvisoryFeed extends Plugin {
  /** Where the publisher keeps its files, without slash at the end. The configuration can name a mirror instead. */
  readonly baseUrl: string;
  readonly files: readonly FeedFile[];
  /**
   * @param path where the downloaded file lies
   * @param problem takes what is wrong with single records: they never end the reading
   * @throws PlimsollError MALFORMED_INPUT for a file that is not what it says
   */
  read(file: FeedFile, path: string, problem: (what: string) => void): AsyncIterable<FeedRecord>;
}
