// How long it takes to look up again what is in a thousand images, when there are new advisories.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDatabase } from "../../../src/findings/database/build-database.ts";
import { openDatabase } from "../../../src/findings/database/open-database.ts";
import { loadSigningKey } from "../../../src/findings/database/signing.ts";
import { matchPackages } from "../../../src/findings/matching/match-packages.ts";
import { advisory, distribution, found, inventory } from "../../../test/findings/database-of.ts";

const names = 30_000;
const perName = 8;

/** @returns seconds for so many images of 600 packages each */
export async function measureMatching(images: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-matching-"));
  try {
    const file = join(folder, "advisories.db");
    await buildDatabase({
      file,
      feeds: [{ name: "bench", updatedAt: "2026-11-22T00:00:00Z", isComplete: () => true, records: advisories() }],
      signingKey: loadSigningKey(folder),
      builtAt: "2026-11-22T00:00:00Z",
    });
    const database = openDatabase(file);
    const inventories = Array.from({ length: images }, (_, image) => inventoryOf(image));
    const started = performance.now();
    let findings = 0;
    for (const one of inventories) findings += matchPackages(one, database, { now: new Date("2026-11-22") }).length;
    const seconds = (performance.now() - started) / 1000;
    database.close();
    if (findings === 0) throw new Error("nothing matched");
    return seconds;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function* advisories() {
  for (let name = 0; name < names; name += 1) {
    for (let at = 0; at < perName; at += 1) {
      const more = { severity: "high", summary: "a weakness that somebody found" } as const;
      const one = advisory("deb:debian:12", `package${name}`, `CVE-2025-${name * perName + at}`, `1.${at}-1`, more);
      yield { kind: "advisory", advisory: one } as const;
    }
  }
}

/** Most packages of an image have no open weakness. */
function inventoryOf(image: number) {
  const packages = Array.from({ length: 600 }, (_, at) => {
    const name = `package${(image * 37 + at * 13) % (names * 2)}`;
    return found("deb", name, at % 20 === 0 ? "1.3-1" : "2.0-1");
  });
  return inventory(distribution("debian", "12", "bookworm"), ...packages);
}
