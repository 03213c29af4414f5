// A package from what a cataloger knows; everything else gets the value that means "not known".

import type { Ecosystem, Package } from "../model/package.ts";

type Known = Partial<Package> & {
  readonly ecosystem: Ecosystem;
  readonly name: string;
  readonly version: string;
  readonly evidence: string;
};

export function makePackage(known: Known): Package {
  const { sourceName = known.name, sourceVersion = known.version } = known;
  const name = detached(known.name);
  const version = detached(known.version);
  return {
    ecosystem: known.ecosystem,
    name,
    version,
    architecture: detached(known.architecture ?? ""),
    sourceName: sourceName === name ? name : detached(sourceName),
    sourceVersion: sourceVersion === version ? version : detached(sourceVersion),
    license: detached(known.license ?? ""),
    vendor: detached(known.vendor ?? ""),
    module: detached(known.module ?? ""),
    evidence: known.evidence,
    linked: known.linked?.map(detached) ?? none,
    isInstalled: known.isInstalled ?? true,
  };
}

/** One for all. */
const none: readonly string[] = Object.freeze([]);

/** A text of its own: V8 keeps a part of a text as a view that holds the whole, here a file of any size, in memory. */
function detached(text: string): string {
  return text.length < 13 ? text : Buffer.from(text).toString();
}
