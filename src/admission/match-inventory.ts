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

/** @param withNotInstalled see MatchOptions */
export function matchInventory(
  inventory: Inventory,
  withNotInstalled: boolean,
  { database, cache, nowMs }: Pick<ScanRoom, "database" | "cache" | "nowMs">,
): Matches {
  if (database === undefined) return nothing;
  const now = new Date(nowMs());
  const { distribution, packages } = inventory;
  // Support of a release ends with a day.
  const day = now.toISOString().slice(0, 10);
  const question = nameOf([database.data.digest, day, withNotInstalled, distribution ?? null], packages);
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

/** By the packages themselves, not by a name that an image or an SBOM gives itself. */
function nameOf(circumstances: readonly unknown[], packages: Inventory["packages"]): string {
  const hash = createHash("sha256").update(JSON.stringify(circumstances));
  for (let at = 0; at < packages.length; at += packagesEach)
    hash.update(JSON.stringify(packages.slice(at, at + packagesEach)));
  return hash.digest("hex");
}
