// What the advisories say of a list of packages, worked out once for each state of both.

import { createHash } from "node:crypto";
import { matchPackages } from "../findings/matching/match-packages.ts";
import type { Vulnerability } from "../model/finding.ts";
import type { FileProblem, Inventory } from "../model/package.ts";
import type { ScanRoom } from "./scan-room.ts";

export type Matches = {
  readonly vulnerabilities: readonly Vulnerability[];
  /** What could not be judged. */
  readonly problems: readonly FileProblem[];
};

const nothing: Matches = { vulnerabilities: [], problems: [] };

/**
 * @param withNotInstalled see MatchOptions
 * @param digest of the packages, where somebody knows it
 */
export function matchInventory(
  inventory: Inventory,
  withNotInstalled: boolean,
  { database, cache, nowMs }: Pick<ScanRoom, "database" | "cache" | "nowMs">,
  digest?: string,
): Matches {
  if (database === undefined) return nothing;
  const now = new Date(nowMs());
  const { distribution, packages } = inventory;
  // Support of a release ends with a day.
  const day = now.toISOString().slice(0, 10);
  const circumstances = [database.data.digest, day, withNotInstalled, distribution ?? null];
  const question = createHash("sha256")
    .update(JSON.stringify([...circumstances, digest ?? packagesDigest(packages)]))
    .digest("hex");
  const kept = cache.matches(question);
  if (kept !== undefined) return kept;
  const problems: FileProblem[] = [];
  const problem = (found: FileProblem): number => problems.push(found);
  const vulnerabilities = matchPackages(inventory, database, { now, withNotInstalled, problem });
  const found = { vulnerabilities, problems };
  cache.keepMatches(question, found);
  return found;
}

/** Packages of which the text stands in memory. */
const packagesEach = 500;

/** Of the packages themselves: an image or an SBOM may call itself what it likes. @returns hex */
export function packagesDigest(packages: Inventory["packages"]): string {
  const hash = createHash("sha256");
  for (let at = 0; at < packages.length; at += packagesEach)
    hash.update(JSON.stringify(packages.slice(at, at + packagesEach)));
  return hash.digest("hex");
}
