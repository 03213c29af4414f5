// What the advisories say of a list of packages, worked out once for each state of both.

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
  // The packages themselves, not a name that an image or an SBOM gives itself; support of a release ends with a day.
  const day = now.toISOString().slice(0, 10);
  const question = JSON.stringify([database.data.digest, day, withNotInstalled, distribution ?? null, packages]);
  const kept = cache.matches(question);
  if (kept !== undefined) return kept;
  const problems: FileProblem[] = [];
  const problem = (found: FileProblem): number => problems.push(found);
  const vulnerabilities = matchPackages(inventory, database, { now, withNotInstalled, problem });
  const found = { vulnerabilities, problems };
  cache.keepMatches(question, found);
  return found;
}
