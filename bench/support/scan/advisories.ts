// The advisories that the benchmark of scanning judges by, made here: as many as the feeds of a distribution have, on made-up
// names for the matching of a thousand images, and on the packages that are in the layer, most of them fixed long ago: all of the
// distribution's, and one in ten of the languages', of whose packages most were never weak.

import { join } from "node:path";
import { array, decode, object, string } from "../../../src/base/schema.ts";
import { buildDatabase } from "../../../src/findings/database/build-database.ts";
import { loadSigningKey } from "../../../src/findings/database/signing.ts";
import { advisory } from "../../../test/findings/database-of.ts";

/** Made-up packages of the distribution, `package0` and so on. */
export const madeNames = 30_000;
const perName = 8;
const builtAt = "2026-11-22T00:00:00Z";
/** One package of so many is weak. */
const weakEvery = 10;
const languageEvery = 10;

const report = object({
  packages: array(object({ ecosystem: string, name: string, version: string, sourceName: string })),
});
type Packages = ReturnType<typeof report>["packages"];

/** @param json a scan's report, whose packages the advisories speak of @returns the database's file */
export async function makeAdvisories(folder: string, json: string): Promise<string> {
  const { packages } = decode(report, JSON.parse(json), { code: "MALFORMED_INPUT", where: "the first scan's report" });
  const file = join(folder, "advisories.db");
  const feed = { name: "bench", updatedAt: builtAt, isComplete: () => true };
  await buildDatabase({
    file,
    feeds: [{ ...feed, records: records(packages) }],
    signingKey: loadSigningKey(folder),
    builtAt,
  });
  return file;
}

function* records(packages: Packages) {
  let count = 0;
  const about = (namespace: string, name: string, fixed: string) => {
    count += 1;
    const more = { severity: "high", summary: "a weakness that somebody found" } as const;
    return { kind: "advisory", advisory: advisory(namespace, name, `CVE-2025-${count}`, fixed, more) } as const;
  };
  for (let name = 0; name < madeNames; name += 1) {
    for (let at = 0; at < perName; at += 1) yield about("deb:debian:12", `package${name}`, `1.${at}-1`);
  }
  const known = new Set<string>();
  for (const { ecosystem, name, version, sourceName } of packages) {
    const isDebian = ecosystem === "deb";
    const [namespace, filed] = isDebian ? ["deb:debian:12", sourceName] : [ecosystem, name];
    if (known.has(`${namespace}\0${filed}`)) continue;
    known.add(`${namespace}\0${filed}`);
    if (!isDebian && known.size % languageEvery !== 0) continue;
    for (let at = 1; at < perName; at += 1) yield about(namespace, filed, `0.0.${at}`);
    if (count % weakEvery === 0) yield about(namespace, filed, isDebian ? `${version}+1` : "9999.0.0");
  }
}
