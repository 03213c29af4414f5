// A package from what a cataloger knows; everything else gets the value that means "not known".

import type { Ecosystem, Package } from "../model/package.ts";

type Known = Partial<Package> & {
  readonly ecosystem: Ecosystem;
  readonly name: string;
  readonly version: string;
  readonly evidence: string;
};

export function makePackage(known: Known): Package {
  const { name, version, sourceName = name, sourceVersion = version } = known;
  return {
    ecosystem: known.ecosystem,
    name: detached(name),
    version: detached(version),
    architecture: detached(known.architecture ?? ""),
    sourceName: detached(sourceName),
    sourceVersion: detached(sourceVersion),
    license: detached(known.license ?? ""),
    vendor: detached(known.vendor ?? ""),
    module: detached(known.module ?? ""),
    evidence: known.evidence,
    linked: known.linked?.map(detached) ?? [],
    isInstalled: known.isInstalled ?? true,
  };
}

/** A text of its own: V8 keeps a part of a text as a view that holds the whole, here a file of any size, in memory. */
function detached(text: string): string {
  return text.length < 13 ? text : Buffer.from(text).toString();
}
