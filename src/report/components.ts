// The packages of a scan with a name that a document can refer to, and the way from a finding to its packages.

import { purlOf } from "../base/purl.ts";
import type { Vulnerability } from "../model/finding.ts";
import type { LocatedPackage } from "../model/package.ts";
import type { ScanResult } from "../model/scan.ts";

export type Component = {
  readonly found: LocatedPackage;
  readonly purl: string;
  /** Unique in the document: the package URL, with a number behind it where one package lies in several places. */
  readonly ref: string;
};

export function componentsOf({ inventory }: ScanResult): readonly Component[] {
  const seen = new Map<string, number>();
  return inventory.packages.map((found) => {
    const purl = purlOf(found, inventory.distribution);
    const before = seen.get(purl) ?? 0;
    seen.set(purl, before + 1);
    return { found, purl, ref: before === 0 ? purl : `${purl}#${before + 1}` };
  });
}

/** Finds the components that a vulnerability speaks of: all of that name and version, or the one in its file. */
export function affectedBy(components: readonly Component[]): (finding: Vulnerability) => readonly Component[] {
  const byName = Map.groupBy(components, ({ found }) => keyOf(found.ecosystem, found.name, found.version));
  // A package may lie in ten thousand places: looked up, not searched for.
  const inFiles = new Map<string, ReadonlyMap<string, readonly Component[]>>();
  return (finding) => {
    const key = keyOf(finding.ecosystem, finding.package, finding.version);
    const all = byName.get(key) ?? [];
    if (all.length < 2) return all;
    const inFile = inFiles.get(key) ?? Map.groupBy(all, ({ found }) => found.evidence);
    inFiles.set(key, inFile);
    return inFile.get(finding.path) ?? all;
  };
}

function keyOf(ecosystem: string, name: string, version: string): string {
  return [ecosystem, name, version].join("\0");
}
