// What both readers of Ruby's world share.
// Source: RubyGems, guides "specification reference"; Bundler, lock file parser.

import type { Package } from "../model/package.ts";
import { makePackage } from "./make-package.ts";

type Known = Partial<Package> & { readonly name: string; readonly version: string; readonly evidence: string };

/** @param known its version may end in a platform: `1.15.4-x86_64-linux` */
export function rubyGem(known: Known): Package {
  return makePackage({ ...known, ecosystem: "gem", version: known.version.replace(/-.*$/, "") });
}
