// Which files the distribution's package manager put there. Lists of packages that are not installed, or that somebody else built, own nothing;
// nor does the database of a package manager that the distribution does not use: nobody's advisories would judge what it claims.

import type { CatalogResult, Distribution, Ecosystem, FoundResult } from "../model/package.ts";
import { merged } from "./merged-path.ts";
import { mayBeOwned } from "./owned-paths.ts";

export type Ownership = {
  /** @param layer of the file: one that was written after the list is no longer the package's */
  owns(path: string, layer: number): boolean;
};

/** Distributions that publish advisories, by the package manager they use. */
const managers: Readonly<Record<"deb" | "apk" | "rpm", readonly string[]>> = {
  deb: ["debian", "raspbian", "ubuntu"],
  apk: ["alpine", "chainguard", "wolfi"],
  rpm: [
    ...["almalinux", "amzn", "azurelinux", "centos", "fedora", "mariner", "ol", "opensuse-leap", "opensuse-tumbleweed"],
    ...["photon", "rhel", "rocky", "sles"],
  ],
};

/** Databases name every file of an image; only those that tell of packages themselves are kept. */
export function collectOwnership(standing: readonly FoundResult[], distribution: Distribution | undefined): Ownership {
  const asked = standing.filter(({ result }) => result.packages.length > 0).map(({ path }) => merged(path));
  const isAsked = new Set(asked.filter(mayBeOwned));
  const { installed, foreign } = builders(standing);
  const layers = new Map<string, number>();
  for (const { result, layer } of standing) {
    const { owner, owned } = result;
    if (owned.length === 0 || !isUsedBy(distribution, managerOf(result))) continue;
    if (owner !== undefined && (!installed.has(owner) || foreign.has(owner))) continue;
    for (const listed of owned) {
      const path = merged(listed);
      if (isAsked.has(path)) layers.set(path, Math.max(layer, layers.get(path) ?? layer));
    }
  }
  return { owns: (path, layer) => layer <= (layers.get(merged(path)) ?? Number.NEGATIVE_INFINITY) };
}

function isUsedBy(distribution: Distribution | undefined, manager: Ecosystem | undefined): boolean {
  if (distribution === undefined || (manager !== "deb" && manager !== "apk" && manager !== "rpm")) return false;
  return managers[manager].includes(distribution.id);
}

/** Only dpkg has a file for the list of each package. */
function managerOf({ owner, packages }: CatalogResult): Ecosystem | undefined {
  return owner === undefined ? packages[0]?.ecosystem : "deb";
}

type Builders = { readonly installed: ReadonlySet<string>; readonly foreign: ReadonlySet<string> };

function builders(standing: readonly FoundResult[]): Builders {
  const installed = new Set<string>();
  const foreign = new Set<string>();
  for (const { result } of standing) {
    for (const item of result.packages) if (item.ecosystem === "deb") installed.add(item.name);
    for (const name of result.thirdParty ?? []) foreign.add(name);
  }
  return { installed, foreign };
}
