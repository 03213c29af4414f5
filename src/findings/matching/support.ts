// Does the distribution still fix anything in this release?

import type { DistributionSupport } from "../../model/advisory.ts";
import type { Misconfiguration } from "../../model/finding.ts";
import type { Distribution } from "../../model/package.ts";
import type { AdvisoryDatabase } from "../database/open-database.ts";

/** The feeds know `12` or `22.04`; os-release may say more. */
export function supportOf(distribution: Distribution, database: AdvisoryDatabase): DistributionSupport | undefined {
  const parts = distribution.version.split(".");
  const shorter = parts.map((_, at) => parts.slice(0, parts.length - at).join("."));
  for (const version of shorter) {
    const found = database.supportOf(distribution.id, version);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function hasEnded(support: DistributionSupport, now: Date): boolean {
  const end = [support.endOfLife, support.endOfExtended].sort().at(-1) ?? "";
  return end !== "" && end < now.toISOString().slice(0, 10);
}

/** A finding for the image as a whole; undefined while there is support, or nobody knows. */
export function endOfLifeFinding(
  distribution: Distribution,
  database: AdvisoryDatabase,
  now: Date,
): Misconfiguration | undefined {
  const support = supportOf(distribution, database);
  if (support === undefined || !hasEnded(support, now)) return undefined;
  const end = [support.endOfLife, support.endOfExtended].sort().at(-1) ?? "";
  return {
    kind: "misconfiguration",
    id: "distribution-end-of-life",
    severity: "high",
    title: `${distribution.id} ${distribution.version} gets no security fixes since ${end}`,
    remedy: `build on a newer release of ${distribution.id}`,
    path: "",
    layer: -1,
  };
}
