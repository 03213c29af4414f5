// inventory -> findings: what is known of the packages today, beside what was found in the files.

import type { AdvisoryDatabase } from "../findings/database/open-database.ts";
import { endOfLifeFinding } from "../findings/matching/support.ts";
import type { Finding } from "../model/finding.ts";
import type { ImageDescription } from "../model/image.ts";
import type { Inventory } from "../model/package.ts";
import type { AdvisoryData } from "../model/scan.ts";
import { matchInventory } from "./match-inventory.ts";
import type { ImageContents } from "./merge/image-contents.ts";
import type { Judged, ScanRoom } from "./scan-room.ts";

const noData: AdvisoryData = { digest: "", builtAt: "", feeds: [] };

/** Among the problems, but no file that could not be read. */
export const expiredRule = "ignore-rules";

export type Weaknesses = Omit<Judged, "expired"> & {
  readonly inventory: Inventory;
  readonly advisoryData: AdvisoryData;
};

export function findWeaknesses(
  contents: ImageContents,
  image: ImageDescription,
  room: Pick<ScanRoom, "cache" | "database" | "suppress" | "nowMs">,
): Weaknesses {
  const { database, suppress } = room;
  const { packagesDigest } = contents;
  const withNotInstalled = isSourceFolder(image, contents);
  const { vulnerabilities, problems } = matchInventory(contents.inventory, withNotInstalled, room, packagesDigest);
  const inventory = { ...contents.inventory, problems: [...contents.inventory.problems, ...problems] };
  const found = [
    ...vulnerabilities,
    ...endOfSupport(inventory, database, new Date(room.nowMs())),
    ...contents.findings,
  ];
  const { findings, suppressed, expired } = suppress(found, { image, inventory });
  const reminders = expired.map(({ id, expires, reason, source }) => ({
    path: source,
    plugin: expiredRule,
    what: `the rule for ${id} counts no longer since ${expires}: ${reason}`,
  }));
  return {
    findings,
    suppressed,
    inventory: { ...inventory, problems: [...inventory.problems, ...reminders] },
    advisoryData: database?.data ?? noData,
  };
}

/** A folder that is no root of a system holds what somebody wants to build: what its lock files ask for is what it will be made of. */
function isSourceFolder({ source }: ImageDescription, { inventory }: ImageContents): boolean {
  return source === "directory" && inventory.distribution === undefined;
}

/** An image whose distribution gets no fixes any more stays as weak as it is. */
function endOfSupport(
  { distribution }: Inventory,
  database: AdvisoryDatabase | undefined,
  now: Date,
): readonly Finding[] {
  if (database === undefined || distribution === undefined) return [];
  const finding = endOfLifeFinding(distribution, database, now);
  return finding === undefined ? [] : [finding];
}
