// Ubuntu: what everybody gets, and what only Ubuntu Pro fixes.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { matchPackages } from "../../../src/findings/matching/match-packages.ts";
import { advisory, databaseOf, distribution, found, inventory } from "../database-of.ts";

const now = new Date("2026-11-22T00:00:00Z");
const jammy = distribution("ubuntu", "22.04", "jammy");

async function match(t: TestContext, name: string, version: string): Promise<readonly string[]> {
  const database = await databaseOf(t, [
    advisory("deb:ubuntu:22.04", "curl", "CVE-2024-1", "7.81.0-1ubuntu1.14"),
    advisory("deb:ubuntu:22.04:pro", "curl", "CVE-2024-1", "7.81.0-1ubuntu1.14"),
    advisory("deb:ubuntu:22.04", "zlib", "CVE-2024-2", ""),
    advisory("deb:ubuntu:22.04:pro", "zlib", "CVE-2024-2", "1:1.2.11-2ubuntu9.2+esm1"),
    advisory("deb:ubuntu:22.04:pro", "vim", "CVE-2024-3", "2:8.2.3995-1ubuntu2.15+esm2"),
    advisory("deb:ubuntu:22.04", "linux-aws", "CVE-2024-4", "5.15.0-1040.45"),
  ]);
  return matchPackages(inventory(jammy, found("deb", name, version)), database, { now }).map(
    ({ id, fixState, fixedVersion, remedy }) => [id, fixState, fixedVersion, remedy].join(" | "),
  );
}

test("a fix in the release is a fix for everybody, also when Pro has it too", async (t) => {
  assert.deepEqual(await match(t, "curl", "7.81.0-1ubuntu1.13"), [
    "CVE-2024-1 | fixed | 7.81.0-1ubuntu1.14 | update curl to 7.81.0-1ubuntu1.14 or later",
  ]);
  assert.deepEqual(await match(t, "curl", "7.81.0-1ubuntu1.14"), []);
});

test("a fix that only Pro has is named as such, whether the release lists the weakness or not", async (t) => {
  const [zlib] = await match(t, "zlib", "1:1.2.11-2ubuntu9.2");
  const [vim] = await match(t, "vim", "2:8.2.3995-1ubuntu2.15");
  assert.match(zlib ?? "", /^CVE-2024-2 \| subscription-only \| 1:1.2.11-2ubuntu9.2\+esm1 \| attach a subscription/);
  assert.match(vim ?? "", /^CVE-2024-3 \| subscription-only/);
});

test("an installed esm build is judged by Pro", async (t) => {
  assert.deepEqual(
    [
      (await match(t, "vim", "2:8.2.3995-1ubuntu2.15+esm1")).length,
      await match(t, "vim", "2:8.2.3995-1ubuntu2.15+esm2"),
      await match(t, "zlib", "1:1.2.11-2ubuntu9.2+esm1"),
    ],
    [1, [], []],
  );
});

test("kernels of clouds are kernels", async (t) => {
  const database = await databaseOf(t, [advisory("deb:ubuntu:22.04", "linux-aws", "CVE-2024-4", "5.15.0-1040.45")]);
  const names = (name: string, sourceName: string) =>
    matchPackages(inventory(jammy, found("deb", name, "5.15.0-1030.34", { sourceName })), database, { now }).length;
  assert.deepEqual(
    [names("linux-image-5.15.0-1030-aws", "linux-signed-aws"), names("linux-aws-headers-5.15.0-1030", "linux-aws")],
    [1, 0],
  );
});
