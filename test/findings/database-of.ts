// Small advisory databases and inventories for tests: what is not said has the value that means nothing.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { FeedRecord } from "../../src/findings/advisory-feed.ts";
import { buildDatabase } from "../../src/findings/database/build-database.ts";
import { type AdvisoryDatabase, openDatabase } from "../../src/findings/database/open-database.ts";
import { loadSigningKey } from "../../src/findings/database/signing.ts";
import type { Advisory } from "../../src/model/advisory.ts";
import type { Distribution, Ecosystem, Inventory, LocatedPackage } from "../../src/model/package.ts";

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-findings-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @param fixed "" for no fix */
export function advisory(
  namespace: string,
  name: string,
  id: string,
  fixed: string,
  more: Partial<Advisory> = {},
): Advisory {
  return {
    id,
    aliases: [],
    feed: "test",
    namespace,
    package: name,
    ranges: [{ introduced: "", fixed, lastAffected: "" }],
    versions: [],
    fixState: fixed === "" ? "unfixed" : "fixed",
    severity: "unknown",
    cvss: [],
    summary: "",
    url: "",
    published: "",
    imports: [],
    module: "",
    isUnimportant: false,
    ...more,
  };
}

export async function databaseOf(
  t: TestContext,
  advisories: readonly Advisory[],
  more: readonly FeedRecord[] = [],
): Promise<AdvisoryDatabase> {
  const folder = temporaryFolder(t);
  const file = join(folder, "advisories.db");
  const records = [...advisories.map((one) => ({ kind: "advisory", advisory: one }) as const), ...more];
  await buildDatabase({
    file,
    feeds: [{ name: "test", updatedAt: "2026-01-02T03:04:05Z", isComplete: () => true, records }],
    signingKey: loadSigningKey(folder),
    builtAt: "2026-01-02T03:04:05Z",
  });
  const database = openDatabase(file);
  t.after(() => database.close());
  return database;
}

export function found(
  ecosystem: Ecosystem,
  name: string,
  version: string,
  more: Partial<LocatedPackage> = {},
): LocatedPackage {
  return {
    ecosystem,
    name,
    version,
    architecture: "",
    sourceName: name,
    sourceVersion: version,
    license: "",
    vendor: "",
    module: "",
    evidence: `evidence/${name}`,
    linked: [],
    isInstalled: true,
    layer: -1,
    isOwnedByDistribution: false,
    ...more,
  };
}

export function distribution(id: string, version: string, codename: string = ""): Distribution {
  return { id, version, codename, prettyName: `${id} ${version}` };
}

export function inventory(of: Distribution | undefined, ...packages: readonly LocatedPackage[]): Inventory {
  return { distribution: of, packages, problems: [] };
}
