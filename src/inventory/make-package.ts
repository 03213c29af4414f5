// A package from what a cataloger knows; everything else gets the value that means "not known".

import type { Ecosystem, Package } from "../model/package.ts";

type Known = Partial<Package> & {
  readonly ecosystem: Ecosystem;
  readonly name: string;
  readonly version: string;
  readonly evidence: string;
};

export function makePackage(known: Known): Package {
  return {
    architecture: "",
    sourceName: known.name,
    sourceVersion: known.version,
    license: "",
    vendor: "",
    module: "",
    linked: [],
    isInstalled: true,
    ...known,
  };
}
