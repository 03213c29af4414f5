// What the files of an image told, layer by layer -> the image's inventory: which distribution, which packages, from which layer, and who answers for them.

import type { Distribution, FileProblem, FoundResult, Inventory, LocatedPackage, Package } from "../model/package.ts";
import { layerOf, layersByPath } from "./layer-of.ts";
import { collectOwnership, type Ownership } from "./ownership.ts";

export type InventoryParts = {
  /** Results of files that are there in the image as a container sees it. */
  readonly standing: readonly FoundResult[];
  /** Results of files that an upper layer replaced or deleted: they tell in which layer a version came in. */
  readonly covered: readonly FoundResult[];
  readonly problems: readonly FileProblem[];
};

export function buildInventory(parts: InventoryParts): Inventory {
  const distribution = chooseDistribution(parts.standing);
  const ownership = collectOwnership(parts.standing, distribution);
  const history = layersByPath(parts);
  const located = parts.standing
    .flatMap((found) => {
      const foreign = new Set(found.result.thirdParty);
      return found.result.packages.map((item) => ({
        ...item,
        evidence: evidenceAt(found.path, item.evidence),
        layer: layerOf(item, found, history),
        isOwnedByDistribution: isJudgedByDistribution(item, found, ownership),
        ...(foreign.has(item.name) && { isForeignBuild: true }),
      }));
    })
    // Evidence in bytes says nothing that the distribution's package does not say better.
    .filter((item) => item.ecosystem !== "generic" || !item.isOwnedByDistribution);
  return {
    distribution,
    packages: withoutRepeats(located.toSorted(byEcosystemAndName)),
    problems: [...parts.problems, ...parts.standing.flatMap(partialProblems)],
  };
}

/**
 * etc/os-release is what programs read; usr/lib/os-release is what it mostly points to. Older files count when there is neither, those of
 * rebuilds first: they keep a redhat-release that says Red Hat.
 */
const distributionFiles: readonly string[] = [
  "etc/os-release",
  "usr/lib/os-release",
  "etc/oracle-release",
  "etc/centos-release",
];

function chooseDistribution(standing: readonly FoundResult[]): Distribution | undefined {
  const told = standing.filter(({ result }) => result.distribution !== undefined);
  const rank = (path: string): number =>
    distributionFiles.includes(path) ? distributionFiles.indexOf(path) : distributionFiles.length;
  return told.toSorted((one, other) => rank(one.path) - rank(other.path))[0]?.result.distribution;
}

const ofPackageManagers: ReadonlySet<string> = new Set(["deb", "rpm", "apk"]);

/**
 * The ownership rule. The package manager's own entries are not owned: they are what the distribution judges.
 * A file that a later layer wrote over is nobody's: the list was written before it.
 */
function isJudgedByDistribution(item: Package, { path, layer }: FoundResult, ownership: Ownership): boolean {
  return !ofPackageManagers.has(item.ecosystem) && ownership.owns(path, layer);
}

/** A file may stand under another name than the one it was read by (a link, a folder that was moved). */
function evidenceAt(path: string, evidence: string): string {
  const archive = evidence.indexOf("!/");
  return archive === -1 ? path : path + evidence.slice(archive);
}

/**
 * The same package from the same file counts once, and what a lock file asks for counts no more when it is there.
 * Copies at several places stay: each has to be replaced.
 * @param packages sorted: those of one name and file stand together
 */
function withoutRepeats(packages: readonly LocatedPackage[]): readonly LocatedPackage[] {
  const asked = new Set(packages.filter((item) => !item.isInstalled).map(identityOf));
  const installed = new Set(asked.size === 0 ? [] : packages.filter((item) => item.isInstalled).map(identityOf));
  let last: LocatedPackage | undefined;
  let seen = new Set<string>();
  return packages.filter((item) => {
    if (!item.isInstalled && installed.has(identityOf(item))) return false;
    if (last === undefined || byEcosystemAndName(last, item) !== 0) seen = new Set();
    last = item;
    return seen.size !== seen.add(`${item.version}\0${item.architecture}`).size;
  });
}

function identityOf(item: Package): string {
  return `${item.ecosystem}\0${item.name}\0${item.version}\0${item.architecture}`;
}

function byEcosystemAndName(one: LocatedPackage, other: LocatedPackage): number {
  return (
    compare(one.ecosystem, other.ecosystem) || compare(one.name, other.name) || compare(one.evidence, other.evidence)
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function partialProblems(found: FoundResult): readonly FileProblem[] {
  return (found.result.problems ?? []).map((what) => ({ path: found.path, plugin: found.cataloger, what }));
}
