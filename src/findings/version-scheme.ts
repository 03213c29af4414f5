// One way to put versions in order. Total over what it can read.

import type { Plugin } from "../base/plugin.ts";
import type { Ecosystem } from "../model/package.ts";

export interface VersionScheme extends Plugin {
  readonly ecosystems: readonly Ecosystem[];
  /** @returns negative, 0 or positive @throws PlimsollError MALFORMED_INPUT when one of the two is no version of this scheme */
  compare(left: string, right: string): number;
}
