// Debian: judged by source, in its own release, by its own states.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { FeedRecord } from "../../../src/findings/advisory-feed.ts";
import { advisoryFeeds } from "../../../src/findings/advisory-feeds.generated.ts";
import { matchPackages } from "../../../src/findings/matching/match-packages.ts";
import type { LocatedPackage } from "../../../src/model/package.ts";
import { advisory, databaseOf, distribution, found, inventory, temporaryFolder } from "../database-of.ts";

const now = new Date("2026-11-22T00:00:00Z");
const bookworm = distribution("debian", "12", "bookworm");

const known = [
  advisory("deb:debian:12", "openssl", "CVE-2024-1", "3.0.11-1~deb12u2", { severity: "high" }),
  advisory("deb:debian:11", "openssl", "CVE-2024-2", "9.9"),
  advisory("deb:debian:12", "glibc", "CVE-2024-3", "", { fixState: "wont-fix" }),
  advisory("deb:debian:12", "glibc", "CVE-2010-4756", "", { severity: "negligible", isUnimportant: true }),
  advisory("deb:debian:12", "linux", "CVE-2024-4", "6.1.90-1"),
];

async function idsOf(t: TestContext, ...packages: readonly LocatedPackage[]): Promise<readonly string[]> {
  const database = await databaseOf(t, known);
  return matchPackages(inventory(bookworm, ...packages), database, { now }).map(
    ({ id, package: name, fixState, fixedVersion }) => [id, name, fixState, fixedVersion].join(" ").trim(),
  );
}

test("a binary package is judged by its source's name and version", async (t) => {
  const libssl = found("deb", "libssl3", "3.0.11-1~deb12u1+b1", {
    sourceName: "openssl",
    sourceVersion: "3.0.11-1~deb12u1",
  });
  assert.deepEqual(await idsOf(t, libssl), ["CVE-2024-1 libssl3 fixed 3.0.11-1~deb12u2"]);
});

test("the fixed version is not affected, whatever its rebuilds are called", async (t) => {
  const libssl = found("deb", "libssl3", "3.0.11-1~deb12u2+b1", {
    sourceName: "openssl",
    sourceVersion: "3.0.11-1~deb12u2",
  });
  assert.deepEqual(await idsOf(t, libssl), []);
});

test("images of releases long gone are judged by the announcements of their time, which name the release", async (t) => {
  const [lists] = advisoryFeeds.filter(({ name }) => name === "debian-lists");
  const path = join(temporaryFolder(t), "list");
  writeFileSync(
    path,
    `[02 Jun 2016] DSA-1-1 openssl - security update\n\t{CVE-2016-1000}\n${[
      "etch",
      "lenny",
      "squeeze",
      "wheezy",
      "jessie",
    ]
      .map((name) => `\t[${name}] - openssl 1.0.1e-2+deb7u21\n`)
      .join("")}`,
  );
  const file = lists?.files[0];
  assert.ok(lists !== undefined && file !== undefined);
  const records: FeedRecord[] = [];
  for await (const record of lists.read(file, path, () => undefined)) records.push(record);
  const database = await databaseOf(t, [], records);
  const old = found("deb", "openssl", "1.0.1e-2");
  const hit = ["4.0", "5.0.10", "6.0.10", "7", "8", "12"].filter(
    (version) => matchPackages(inventory(distribution("debian", version), old), database, { now }).length > 0,
  );
  assert.deepEqual(hit, ["4.0", "5.0.10", "6.0.10", "7", "8"]);
});

test("what the security team takes for unimportant is shown only when asked for", async (t) => {
  const libc = found("deb", "libc6", "2.36-9", { sourceName: "glibc" });
  const database = await databaseOf(t, known);
  const all = matchPackages(inventory(bookworm, libc), database, { now, withUnimportant: true });
  assert.deepEqual(await idsOf(t, libc), ["CVE-2024-3 libc6 wont-fix"]);
  assert.deepEqual(all.map(({ id, severity }) => [id, severity].join(" ")).sort(), [
    "CVE-2010-4756 negligible",
    "CVE-2024-3 unknown",
  ]);
});

test("of a kernel's packages only an installed image is affected", async (t) => {
  const of = (name: string, sourceName: string, version: string) => found("deb", name, version, { sourceName });
  assert.deepEqual(
    await idsOf(
      t,
      of("linux-libc-dev", "linux", "6.1.55-1"),
      of("linux-headers-6.1.0-13-amd64", "linux", "6.1.55-1"),
      of("linux-image-6.1.0-13-amd64", "linux-signed-amd64", "6.1.55+1"),
    ),
    ["CVE-2024-4 linux-image-6.1.0-13-amd64 fixed 6.1.90-1"],
  );
});

test("a Python package that dpkg brought is judged by Debian alone", async (t) => {
  const database = await databaseOf(t, [advisory("pypi", "requests", "CVE-2024-5", "3.0")]);
  const owned = found("pypi", "requests", "2.28.1", { isOwnedByDistribution: true });
  const installed = found("pypi", "requests", "2.28.1");
  const ids = (one: LocatedPackage) => matchPackages(inventory(bookworm, one), database, { now }).map(({ id }) => id);
  assert.deepEqual([ids(owned), ids(installed)], [[], ["CVE-2024-5"]]);
});

test("an image of a release that no feed speaks of does not look clean", async (t) => {
  const database = await databaseOf(t, known);
  const problems: string[] = [];
  const image = inventory(distribution("debian", "15"), found("deb", "openssl", "1"));
  matchPackages(image, database, { now, problem: ({ what }) => problems.push(what) });
  assert.deepEqual(problems, ["no advisories for the packages of debian 15"]);
});

test("testing has no number and is known by its name", async (t) => {
  const database = await databaseOf(t, [
    advisory("deb:debian:14", "bash", "CVE-2024-6", ""),
    advisory("deb:debian:sid", "bash", "CVE-2024-7", ""),
  ]);
  const ids = (codename: string) =>
    matchPackages(inventory(distribution("debian", "", codename), found("deb", "bash", "5")), database, { now }).map(
      ({ id }) => id,
    );
  assert.deepEqual([ids("forky"), ids("sid")], [["CVE-2024-6"], ["CVE-2024-7"]]);
});
