// Red Hat and its relatives: epochs, modules, minor releases, and packages of others.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { matchPackages } from "../../../src/findings/matching/match-packages.ts";
import type { Advisory } from "../../../src/model/advisory.ts";
import type { LocatedPackage } from "../../../src/model/package.ts";
import { advisory, databaseOf, distribution, found, inventory } from "../database-of.ts";

const now = new Date("2026-11-22T00:00:00Z");
const rhel9 = distribution("rhel", "9.4");
const rhel8 = distribution("rhel", "8.6");

async function fixes(
  t: TestContext,
  of: typeof rhel9,
  known: readonly Advisory[],
  ...packages: readonly LocatedPackage[]
): Promise<readonly string[]> {
  const database = await databaseOf(t, known);
  return matchPackages(inventory(of, ...packages), database, { now }).map(({ id, fixedVersion }) =>
    `${id} ${fixedVersion}`.trim(),
  );
}

test("an epoch that is not written is 0, on both sides", async (t) => {
  const known = [
    advisory("rpm:rhel:9", "bash", "CVE-2024-1", "0:5.1.8-9.el9"),
    advisory("rpm:rhel:9", "bind", "CVE-2024-2", "32:9.16-2.el9"),
  ];
  assert.deepEqual(
    await fixes(t, rhel9, known, found("rpm", "bash", "5.1.8-9.el9"), found("rpm", "bind", "32:9.16-1.el9")),
    ["CVE-2024-2 32:9.16-2.el9"],
  );
});

test("an advisory of a module speaks of that stream alone", async (t) => {
  const known = [
    advisory("rpm:rhel:9", "nodejs", "CVE-2024-1", "1:18.20-1.module+el9", { module: "nodejs:18" }),
    advisory("rpm:rhel:9", "nodejs", "CVE-2024-1", "1:20.12-1.module+el9", { module: "nodejs:20" }),
  ];
  const of = (version: string, module: string) => found("rpm", "nodejs", version, { module });
  assert.deepEqual(
    [
      await fixes(t, rhel9, known, of("1:18.19-1.module+el9", "nodejs:18:9030020240101:rhel9")),
      await fixes(t, rhel9, known, of("1:20.12-1.module+el9", "nodejs:20:9030020240101:rhel9")),
      await fixes(t, rhel9, known, of("1:16.1-1.el9", "")),
    ],
    [["CVE-2024-1 1:18.20-1.module+el9"], [], []],
  );
});

test("fixes for minor releases are different lines: the installed one's counts, or the next higher one's", async (t) => {
  const known = [
    advisory("rpm:rhel:8", "sudo", "CVE-2024-1", "0:1.9.5-1.el8_4.1"),
    advisory("rpm:rhel:8", "sudo", "CVE-2024-1", "0:1.9.5-1.el8_6.1"),
    advisory("rpm:rhel:8", "sudo", "CVE-2024-1", "0:1.9.5-4.el8_8"),
  ];
  const fix = async (version: string) => fixes(t, rhel8, known, found("rpm", "sudo", version));
  assert.deepEqual(
    [
      await fix("1.9.5-1.el8_4.1"),
      await fix("1.9.5-1.el8_6"),
      await fix("1.9.5-1.el8_6.1"),
      await fix("1.9.5-2.el8_7"),
      await fix("1.9.5-4.el8_9"),
    ],
    [[], ["CVE-2024-1 0:1.9.5-1.el8_6.1"], [], ["CVE-2024-1 0:1.9.5-4.el8_8"], []],
  );
});

test("what is not fixed is filed under the source and found for its packages", async (t) => {
  const known = [advisory("rpm:rhel:9", "openssl", "CVE-2024-1", "", { fixState: "wont-fix" })];
  const libs = found("rpm", "openssl-libs", "1:3.0.7-27.el9", { sourceName: "openssl" });
  assert.deepEqual(await fixes(t, rhel9, known, libs), ["CVE-2024-1"]);
});

test("somebody else's build is not judged by the distribution's advisories", async (t) => {
  const known = [advisory("rpm:rhel:9", "nginx", "CVE-2024-1", "2:1.26-1.el9")];
  const of = (vendor: string) => fixes(t, rhel9, known, found("rpm", "nginx", "1:1.20-1.el9", { vendor }));
  assert.deepEqual(
    [await of("Red Hat, Inc."), await of("Fedora Project"), await of("")],
    [["CVE-2024-1 2:1.26-1.el9"], [], ["CVE-2024-1 2:1.26-1.el9"]],
  );
});

test("each relative has its own advisories", async (t) => {
  const namespaces = [
    "rpm:rhel:9",
    "rpm:rocky:9",
    "rpm:almalinux:9",
    "rpm:oracle:9",
    "rpm:amazon:2023",
    "rpm:sles:15.5",
    "rpm:fedora:40",
  ];
  const known = namespaces.map((namespace) => advisory(namespace, "bash", `CVE-${namespace}`, ""));
  const ids = async (id: string, version: string) =>
    fixes(t, distribution(id, version), known, found("rpm", "bash", "1-1"));
  assert.deepEqual(
    [
      await ids("rhel", "9.4"),
      await ids("centos", "9"),
      await ids("rocky", "9.3"),
      await ids("almalinux", "9.3"),
      await ids("ol", "9.3"),
      await ids("amzn", "2023"),
      await ids("sles", "15.5"),
      await ids("fedora", "40"),
    ].map(([id]) => id?.slice(4)),
    [
      "rpm:rhel:9",
      "rpm:rhel:9",
      "rpm:rocky:9",
      "rpm:almalinux:9",
      "rpm:oracle:9",
      "rpm:amazon:2023",
      "rpm:sles:15.5",
      "rpm:fedora:40",
    ],
  );
});

test("images of Oracle and Amazon are judged by Oracle's and Amazon's own fixes", async (t) => {
  const known = [
    advisory("rpm:oracle:8", "openssl", "ELSA-2024-1", "1:1.1.1k-12.el8_9", { aliases: ["CVE-2024-1"] }),
    advisory("rpm:amazon:2", "curl", "ALAS2-2024-1", "0:8.3.0-1.amzn2.0.5", { aliases: ["CVE-2024-2"] }),
    advisory("rpm:amazon:2023", "curl", "ALAS2023-2024-1", "0:8.5.0-1.amzn2023.0.1", { aliases: ["CVE-2024-2"] }),
    advisory("rpm:rhel:8", "openssl", "CVE-2024-9", "1:9.9-1.el8"),
  ];
  const openssl = found("rpm", "openssl", "1:1.1.1k-9.0.1.el8_8", { vendor: "Oracle America" });
  const curl = found("rpm", "curl", "8.3.0-1.amzn2.0.4", { vendor: "Amazon Linux" });
  const newer = found("rpm", "curl", "8.5.0-1.amzn2023.0.1", { vendor: "Amazon Linux" });
  assert.deepEqual(
    [
      await fixes(t, distribution("ol", "8.9"), known, openssl),
      await fixes(t, distribution("amzn", "2"), known, curl),
      await fixes(t, distribution("amzn", "2023"), known, newer),
    ],
    [["CVE-2024-1 1:1.1.1k-12.el8_9"], ["CVE-2024-2 0:8.3.0-1.amzn2.0.5"], []],
  );
});
