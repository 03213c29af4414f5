// How long it takes to look up again what is in a thousand images, when there are new advisories.

import { openDatabase } from "../../../src/findings/database/open-database.ts";
import { matchPackages } from "../../../src/findings/matching/match-packages.ts";
import { distribution, found, inventory } from "../../../test/findings/database-of.ts";
import { madeNames } from "./advisories.ts";

export type Matched = { readonly seconds: number; readonly processorSeconds: number; readonly findings: number };

/** @param file the advisory database @param images of 600 packages each */
export function measureMatching(file: string, images: number): Matched {
  const database = openDatabase(file, { forManyImages: true });
  const inventories = Array.from({ length: images }, (_, image) => inventoryOf(image));
  const [started, before] = [performance.now(), process.cpuUsage()];
  let findings = 0;
  for (const one of inventories) findings += matchPackages(one, database, { now: new Date("2026-11-22") }).length;
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  database.close();
  if (findings === 0) throw new Error("nothing matched");
  return { seconds, processorSeconds: (user + system) / 1e6, findings };
}

/** Most packages of an image have no open weakness. */
function inventoryOf(image: number) {
  const packages = Array.from({ length: 600 }, (_, at) => {
    const name = `package${(image * 37 + at * 13) % (madeNames * 2)}`;
    return found("deb", name, at % 20 === 0 ? "1.3-1" : "2.0-1");
  });
  return inventory(distribution("debian", "12", "bookworm"), ...packages);
}
