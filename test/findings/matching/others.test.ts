// Alpine, Wolfi, Go and the languages; and what is the same for all: one weakness once, who rates, what is over.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { FeedRecord } from "../../../src/findings/advisory-feed.ts";
import { readOsvRecord } from "../../../src/findings/feed-formats/osv-record.ts";
import { type MatchOptions, matchPackages } from "../../../src/findings/matching/match-packages.ts";
import { endOfLifeFinding } from "../../../src/findings/matching/support.ts";
import type { Advisory } from "../../../src/model/advisory.ts";
import type { Distribution, LocatedPackage } from "../../../src/model/package.ts";
import { advisory, databaseOf, distribution, found, inventory } from "../database-of.ts";

const now = new Date("2026-11-22T00:00:00Z");

type Asked = { readonly of?: Distribution; readonly known: readonly Advisory[]; readonly more?: readonly FeedRecord[] };

async function match(
  t: TestContext,
  asked: Asked,
  packages: readonly LocatedPackage[],
  options: Partial<MatchOptions> = {},
) {
  const database = await databaseOf(t, asked.known, asked.more);
  return matchPackages(inventory(asked.of, ...packages), database, { now, ...options });
}

const ids = (all: readonly { readonly id: string }[]): readonly string[] => all.map(({ id }) => id);

test("Alpine: judged by the origin package, in the release of the image; edge has its own", async (t) => {
  const known = [
    advisory("apk:alpine:3.19", "openssl", "CVE-2024-1", "3.1.4-r3"),
    advisory("apk:alpine:edge", "openssl", "CVE-2024-2", "3.3.0-r1"),
  ];
  const libssl = found("apk", "libssl3", "3.1.4-r2", { sourceName: "openssl" });
  const of = async (version: string) => ids(await match(t, { of: distribution("alpine", version), known }, [libssl]));
  assert.deepEqual(
    [await of("3.19.1"), await of("3.18.4"), await of("3.20_alpha20240329")],
    [["CVE-2024-1"], [], ["CVE-2024-2"]],
  );
});

test("Wolfi has no releases; Chainguard's images know both", async (t) => {
  const known = [advisory("apk:wolfi", "go-1.21", "CGA-1", "1.21.9-r0", { aliases: ["CVE-2024-1"] })];
  const go = found("apk", "go-1.21", "1.21.8-r0");
  assert.deepEqual(
    [
      ids(await match(t, { of: distribution("wolfi", "20230201"), known }, [go])),
      ids(await match(t, { of: distribution("chainguard", ""), known }, [go])),
    ],
    [["CVE-2024-1"], ["CVE-2024-1"]],
  );
});

test("Wolfi: a Go module inside of a package that apk brought is the package's affair", async (t) => {
  const known = [advisory("go", "golang.org/x/net", "GO-1", "0.23.0")];
  const owned = found("go", "golang.org/x/net", "v0.1.0", { isOwnedByDistribution: true });
  assert.deepEqual(ids(await match(t, { of: distribution("wolfi", ""), known }, [owned])), []);
});

test("Go: a weakness in a package that is not linked in is none", async (t) => {
  const known = [advisory("go", "golang.org/x/net", "GO-1", "0.23.0", { imports: ["golang.org/x/net/http2"] })];
  const of = (linked: readonly string[]) => found("go", "golang.org/x/net", "v0.1.0", { linked });
  assert.deepEqual(
    [
      ids(await match(t, { known }, [of(["golang.org/x/net/html"])])),
      ids(await match(t, { known }, [of(["golang.org/x/net/html", "golang.org/x/net/http2"])])),
      ids(await match(t, { known }, [of([])])),
      ids(await match(t, { known }, [{ ...of([]), isUnlinked: true }])),
    ],
    [[], ["GO-1"], ["GO-1"], []],
  );
});

test("Go: the standard library by its toolchain; a module without a known version is compared with nothing", async (t) => {
  const known = [advisory("go", "stdlib", "GO-1", "1.22.7"), advisory("go", "example.com/main", "GO-2", "1.0.0")];
  const problems: unknown[] = [];
  const packages = ["go1.22.6", "go1.22.7", "1.22.5 X:boringcrypto"].map((version) => found("go", "stdlib", version));
  const mains = ["", "(devel)"].map((version) => found("go", "example.com/main", version));
  const all = await match(t, { known }, [...packages, ...mains], { problem: (one) => problems.push(one) });
  assert.deepEqual([all.map(({ version }) => version), problems], [["go1.22.6", "1.22.5 X:boringcrypto"], []]);
});

test("Python names are folded, and versions compare by number", async (t) => {
  const known = [advisory("pypi", "zope-interface", "PYSEC-1", "5.0", { versions: ["5.1.dev0"] })];
  const of = (name: string, version: string) => found("pypi", name, version);
  assert.deepEqual(
    ids(
      await match(t, { known }, [
        of("Zope.Interface", "4.9"),
        of("zope_interface", "5.0.0"),
        of("zope-interface", "5.1.0.dev0"),
      ]),
    ),
    ["PYSEC-1", "PYSEC-1"],
  );
});

test("ranges: begun later, ended by the last affected one, and open ones", async (t) => {
  const known = [
    advisory("npm", "x", "GHSA-1", "", { ranges: [{ introduced: "2.0.0", fixed: "", lastAffected: "2.3.0" }] }),
    advisory("npm", "x", "GHSA-2", "", { ranges: [{ introduced: "3.0.0-0", fixed: "", lastAffected: "" }] }),
  ];
  const versions = ["1.9.9", "2.0.0", "2.3.0", "2.3.1", "3.0.0-rc.1", "4.0.0"];
  const all = await match(
    t,
    { known },
    versions.map((version) => found("npm", "x", version)),
  );
  assert.deepEqual(
    all.map(({ id, version }) => `${id} ${version}`),
    ["GHSA-1 2.0.0", "GHSA-1 2.3.0", "GHSA-2 3.0.0-rc.1", "GHSA-2 4.0.0"],
  );
});

test("one weakness counts once, whatever number of publishers and names it has", async (t) => {
  const known = [
    advisory("pypi", "jinja2", "PYSEC-1", "3.1.4", { aliases: ["CVE-2024-1"] }),
    advisory("pypi", "jinja2", "GHSA-1", "3.1.5", { aliases: ["CVE-2024-1"] }),
    advisory("pypi", "jinja2", "SNYK-1", "3.1.4", { aliases: ["GHSA-1"] }),
    advisory("pypi", "jinja2", "GHSA-2", "3.1.4"),
  ];
  const all = await match(t, { known }, [found("pypi", "Jinja2", "3.1.3")]);
  assert.deepEqual(
    all.map(({ id, aliases, advisories, fixedVersion }) => ({
      id,
      aliases,
      advisories: [...advisories].sort(),
      fixedVersion,
    })),
    [
      {
        id: "CVE-2024-1",
        aliases: ["GHSA-1", "PYSEC-1", "SNYK-1"],
        advisories: ["GHSA-1", "PYSEC-1", "SNYK-1"],
        fixedVersion: "3.1.5",
      },
      { id: "GHSA-2", aliases: [], advisories: ["GHSA-2"], fixedVersion: "3.1.4" },
    ],
  );
});

test("a bulletin about three weaknesses is three findings, not one", async (t) => {
  const record = {
    id: "USN-1-1",
    upstream: ["CVE-2024-1", "CVE-2024-2", "CVE-2024-3"],
    affected: [
      {
        package: { ecosystem: "Ubuntu:22.04:LTS", name: "curl" },
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "2" }] }],
      },
    ],
  };
  const all = await match(t, { of: distribution("ubuntu", "22.04"), known: readOsvRecord(record, "test") }, [
    found("deb", "curl", "1"),
  ]);
  assert.deepEqual(all.map(({ id, advisories }) => [id, ...advisories].join(" ")).sort(), [
    "CVE-2024-1 USN-1-1",
    "CVE-2024-2 USN-1-1",
    "CVE-2024-3 USN-1-1",
  ]);
});

test("a withdrawn record is no record", () => {
  const record = { id: "GHSA-1", affected: [{ package: { ecosystem: "npm", name: "x" }, versions: ["1.0.0"] }] };
  assert.deepEqual(
    [
      readOsvRecord(record, "test").length,
      readOsvRecord({ ...record, withdrawn: "2024-01-01T00:00:00Z" }, "test").length,
    ],
    [1, 0],
  );
});

test("the publisher's own rating counts before a score; the score of another publisher before none", async (t) => {
  const critical = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
  const known = [
    advisory("deb:debian:12", "a", "CVE-2024-1", "", { severity: "low", cvss: [critical] }),
    advisory("deb:debian:12", "b", "CVE-2024-2", ""),
    advisory("pypi", "elsewhere", "PYSEC-2", "", { aliases: ["CVE-2024-2"], cvss: [critical] }),
    advisory("deb:debian:12", "c", "CVE-2024-3", ""),
    advisory("npm", "d", "GHSA-4", "", {
      cvss: ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", critical],
    }),
  ];
  const packages = [...["a", "b", "c"].map((name) => found("deb", name, "1")), found("npm", "d", "1.0.0")];
  const all = await match(t, { of: distribution("debian", "12"), known }, packages);
  assert.deepEqual(
    all.map(({ package: name, severity, severitySource, cvssScore }) =>
      [name, severity, severitySource, cvssScore].join(" "),
    ),
    ["a low test 9.8", "b critical cvss 9.8", "c unknown  -1", "d critical cvss 9.3"],
  );
});

test("what is known to be used, and how likely it is, comes with the finding", async (t) => {
  const more: readonly FeedRecord[] = [
    { kind: "exploitation", id: "CVE-2024-1", epss: -1, isKnownExploited: true },
    { kind: "exploitation", id: "CVE-2024-1", epss: 0.97, isKnownExploited: false },
  ];
  const known = [advisory("npm", "x", "GHSA-1", "", { aliases: ["CVE-2024-1"] }), advisory("npm", "x", "GHSA-2", "")];
  const all = await match(t, { known, more }, [found("npm", "x", "1.0.0")]);
  assert.deepEqual(
    all.map(({ exploitation }) => exploitation),
    [
      { epss: 0.97, isKnownExploited: true },
      { epss: -1, isKnownExploited: false },
    ],
  );
});

test("when a release is over, what is not fixed will not be; and the image itself is a finding", async (t) => {
  const support = { distribution: "debian", version: "10", endOfLife: "2022-09-10", endOfExtended: "2024-06-30" };
  const known = [advisory("deb:debian:10", "a", "CVE-2024-1", ""), advisory("deb:debian:10", "a", "CVE-2024-2", "9")];
  const buster = distribution("debian", "10");
  const more = [{ kind: "support", support } as const];
  const all = await match(t, { of: buster, known, more }, [found("deb", "a", "1")]);
  const earlier = await match(t, { of: buster, known, more }, [found("deb", "a", "1")], {
    now: new Date("2024-06-30T12:00:00Z"),
  });
  const states = (some: typeof all) => some.map(({ id, fixState }) => `${id} ${fixState}`);
  assert.deepEqual(
    [states(all), states(earlier)],
    [
      ["CVE-2024-1 end-of-life", "CVE-2024-2 fixed"],
      ["CVE-2024-1 unfixed", "CVE-2024-2 fixed"],
    ],
  );
  const database = await databaseOf(t, known, more);
  assert.equal(endOfLifeFinding(buster, database, now)?.title, "debian 10 gets no security fixes since 2024-06-30");
  assert.equal(endOfLifeFinding(buster, database, new Date("2024-01-01T00:00:00Z")), undefined);
});

test("a version that cannot be read is told, and does not end the scan", async (t) => {
  const known = [advisory("npm", "x", "GHSA-1", "2.0.0"), advisory("npm", "y", "GHSA-2", "")];
  const problems: string[] = [];
  const packages = [found("npm", "x", "github:me/x"), found("npm", "y", "workspace:*"), found("npm", "x", "1.0.0")];
  const all = await match(t, { known }, packages, { problem: ({ what }) => problems.push(what) });
  assert.deepEqual(ids(all), ["GHSA-2", "GHSA-1"]);
  assert.match(problems.join(), /^x github:me\/x: GHSA-1: version: no semantic version/);
});

test("a lock file's entry that is not installed counts only when asked for", async (t) => {
  const known = [advisory("npm", "x", "GHSA-1", "2.0.0")];
  const listed = found("npm", "x", "1.0.0", { isInstalled: false });
  assert.deepEqual(
    [ids(await match(t, { known }, [listed])), ids(await match(t, { known }, [listed], { withNotInstalled: true }))],
    [[], ["GHSA-1"]],
  );
});

test("a made-up list that names the weakest package again and again is refused, not worked through", async (t) => {
  const known = Array.from({ length: 500 }, (_, at) => advisory("npm", "x", `GHSA-${at}`, "9.0.0"));
  const packages = Array.from({ length: 300 }, (_, at) => found("npm", "x", `1.0.${at}`, { evidence: `${at}` }));
  await assert.rejects(match(t, { known }, packages), { code: "LIMIT_EXCEEDED" });
});

test("what cannot be compared is told a thousand times at most", async (t) => {
  const known = Array.from({ length: 50 }, (_, at) => advisory("npm", "x", `GHSA-${at}`, "9.0.0"));
  const packages = Array.from({ length: 30 }, (_, at) => found("npm", "x", `no version ${at}`));
  const problems: string[] = [];
  await match(t, { known }, packages, { problem: ({ what }) => problems.push(what) });
  assert.deepEqual([problems.length, problems.at(-1)], [1001, "500 more versions could not be compared"]);
});
