// What is known of weaknesses is worked out once for each state of packages and advisories, and never older than both.

import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openScanCache } from "../../src/admission/cache/scan-cache.ts";
import { matchInventory } from "../../src/admission/match-inventory.ts";
import type { AdvisoryDatabase } from "../../src/findings/database/open-database.ts";
import type { Inventory } from "../../src/model/package.ts";
import { advisory, databaseOf, distribution, found, inventory, temporaryFolder } from "../findings/database-of.ts";

const debian = distribution("debian", "12", "bookworm");
const support = { distribution: "debian", version: "12", endOfLife: "2026-11-22", endOfExtended: "" };

type Asked = {
  /** How often the advisories were read. */
  readonly readings: () => number;
  ask(packages: Inventory, database: AdvisoryDatabase, date: string): readonly string[];
};

function openDesk(t: TestContext): Asked {
  const cache = openScanCache({ folder: join(temporaryFolder(t), "scans"), analyzers: "test" });
  let readings = 0;
  return {
    readings: () => readings,
    ask(packages, database, date) {
      const findingsOf: AdvisoryDatabase["findingsOf"] = (question, make) => {
        readings += 1;
        return database.findingsOf(question, make);
      };
      const room = { database: { ...database, findingsOf }, cache, nowMs: () => Date.parse(date) };
      const { vulnerabilities, problems } = matchInventory(packages, false, room);
      return [
        ...vulnerabilities.map(({ id, path, fixState }) => `${id} ${path} ${fixState}`),
        ...problems.map(({ what }) => what),
      ];
    },
  };
}

test("the same packages under the same advisories are judged once, problems included", async (t) => {
  const database = await databaseOf(t, [
    advisory("deb:debian:12", "curl", "CVE-2025-1", "2.0-1"),
    advisory("deb:debian:12", "odd", "CVE-2025-2", "1.0-1"),
  ]);
  const desk = openDesk(t);
  const packages = inventory(debian, found("deb", "curl", "1.0-1"), found("deb", "odd", "no version"));
  const first = desk.ask(packages, database, "2026-11-22T10:00:00Z");
  const readings = desk.readings();
  const again = desk.ask(packages, database, "2026-11-22T23:00:00Z");
  assert.equal(first.length, 2);
  assert.deepEqual([again, desk.readings()], [first, readings]);
});

test("other packages, other places, other advisories and another day are judged anew", async (t) => {
  const records = [{ kind: "support", support } as const];
  const old = await databaseOf(t, [advisory("deb:debian:12", "curl", "CVE-2025-1", "")], records);
  const more = ["CVE-2025-1", "CVE-2025-2"].map((id) => advisory("deb:debian:12", "curl", id, ""));
  const newer = await databaseOf(t, more, records);
  const desk = openDesk(t);
  const packages = inventory(debian, found("deb", "curl", "1.0-1"));
  const elsewhere = inventory(debian, found("deb", "curl", "1.0-1", { evidence: "else" }));
  const today = "2026-11-22T10:00:00Z";
  assert.deepEqual(
    [
      desk.ask(packages, old, today),
      desk.ask(elsewhere, old, today),
      desk.ask(inventory(debian), old, today),
      desk.ask(packages, newer, today),
      desk.ask(packages, old, "2026-11-23T00:00:00Z"),
    ],
    [
      ["CVE-2025-1 evidence/curl unfixed"],
      ["CVE-2025-1 else unfixed"],
      [],
      ["CVE-2025-1 evidence/curl unfixed", "CVE-2025-2 evidence/curl unfixed"],
      ["CVE-2025-1 evidence/curl end-of-life"],
    ],
  );
});
