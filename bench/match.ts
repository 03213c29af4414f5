// How long it takes to judge all stored inventories anew when new advisories come: 1,000 inventories of 600 packages.
// Usage: node bench/match.ts [inventories]
// The advisories are made here, as many as the feeds of Debian and npm have, on the packages that the inventories hold.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FeedRecord } from "../src/findings/advisory-feed.ts";
import { buildDatabase } from "../src/findings/database/build-database.ts";
import { openDatabase } from "../src/findings/database/open-database.ts";
import { loadSigningKey } from "../src/findings/database/signing.ts";
import { matchPackages } from "../src/findings/matching/match-packages.ts";
import type { Inventory } from "../src/model/package.ts";
import { advisory, distribution, found, inventory } from "../test/findings/database-of.ts";

const inventories = Number(process.argv[2] ?? 1000);
const packagesEach = 600;
const limitSeconds = 10;
/** Source packages of a distribution, and packages of a language, that occur in the images of a company. */
const [debianPackages, npmPackages] = [2000, 6000];
/** A company builds on few images. */
const baseImages = 60;
/** Others, about which there are advisories too. */
const unusedPackages = 60_000;
const advisoriesEach = 6;

const folder = mkdtempSync(join(tmpdir(), "plimsoll-match-"));
try {
  const file = join(folder, "advisories.db");
  const built = performance.now();
  const feeds = [{ name: "made", updatedAt: "2026-01-01T00:00:00Z", isComplete: () => true, records: records() }];
  const manifest = await buildDatabase({
    file,
    feeds,
    signingKey: loadSigningKey(folder),
    builtAt: "2026-01-01T00:00:00Z",
  });
  say(
    "database built",
    built,
    `${manifest.feeds[0]?.advisories} advisories, ${Math.round(manifest.blocks.size / 1e6)} MB`,
  );
  const opened = performance.now();
  const database = openDatabase(file, { forManyImages: true });
  say("database opened", opened, "");
  const cold = performance.now();
  const first = matchPackages(inventoryOf(0), database, { now: new Date() });
  say("one inventory, cold", cold, `${first.length} findings`);
  const all = performance.now();
  const before = process.cpuUsage();
  let findings = 0;
  for (let at = 0; at < inventories; at += 1)
    findings += matchPackages(inventoryOf(at), database, { now: new Date() }).length;
  const seconds = (performance.now() - all) / 1000;
  const { user } = process.cpuUsage(before);
  say(
    `${inventories} inventories of ${packagesEach} packages`,
    all,
    `${findings} findings; ${Math.round(user / 1000)} ms of the processor; limit ${limitSeconds} s`,
  );
  database.close();
  process.exitCode = seconds < limitSeconds ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

function* records(): Iterable<FeedRecord> {
  const of = (namespace: string, name: string, at: number, fixed: string): FeedRecord => {
    const cvss = ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"];
    const more = { aliases: [`CVE-2024-${at}`], cvss, summary: `weakness ${at} of ${name}` };
    return { kind: "advisory", advisory: advisory(namespace, name, `GHSA-${at}`, fixed, more) };
  };
  let count = 0;
  for (let at = 0; at < debianPackages + npmPackages + unusedPackages; at += 1) {
    const isDebian = at < debianPackages;
    for (let number = 0; number < advisoriesEach; number += 1) {
      count += 1;
      if (isDebian) yield of("deb:debian:12", `source-${at}`, count, `1.${number * 3}.0-1+deb12u${number + 1}`);
      else yield of("npm", `package-${at - debianPackages}`, count, `1.${number * 3}.0`);
    }
  }
}

/** 300 of the distribution, the same in all images on one base; 300 of a language, some of which others have too. About half a finding each. */
function inventoryOf(image: number): Inventory {
  const base = image % baseImages;
  const packages = Array.from({ length: packagesEach }, (_, at) => {
    const isDebian = at % 2 === 0;
    const mixed = ((isDebian ? base : image) * 7919 + at * 104_729) >>> 0;
    const minor = 13 + (mixed % 4);
    if (!isDebian) return found("npm", `package-${mixed % npmPackages}`, `1.${minor}.${at % 5}`);
    const [sourceName, version] = [`source-${mixed % debianPackages}`, `1.${minor}.0-1+deb12u${at % 7}`];
    return found("deb", `lib${sourceName}`, version, { sourceName, sourceVersion: version });
  });
  return inventory(distribution("debian", "12", "bookworm"), ...packages);
}

function say(what: string, since: number, more: string): void {
  process.stdout.write(`${what}: ${Math.round(performance.now() - since)} ms${more === "" ? "" : ` (${more})`}\n`);
}
