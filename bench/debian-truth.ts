// Are all pending security fixes of a Debian root found, and none once they are installed?
// Usage (as root, with network): node bench/debian-truth.ts bullseye bookworm trixie [--roots FOLDER]
//
// The truth is apt's and dpkg's: what apt would upgrade, and which CVEs the changelogs between the installed and the candidate
// version name. The advisories have the form of Debian's tracker and hold every CVE of every changelog, repaired long ago or
// not yet, so that the matcher has to tell them apart by source and version. FOLDER keeps the roots for another run.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianTracker } from "../src/findings/advisory-feeds/debian-tracker.ts";
import { buildDatabase } from "../src/findings/database/build-database.ts";
import { openDatabase } from "../src/findings/database/open-database.ts";
import { loadSigningKey } from "../src/findings/database/signing.ts";
import { matchPackages } from "../src/findings/matching/match-packages.ts";
import { dpkg } from "../src/inventory/catalogers/dpkg.ts";
import {
  addSecurityPocket,
  debootstrap,
  downloadUpgrades,
  type Installed,
  installedPackages,
  isEarlier,
  onePerSource,
  pendingUpgrades,
  type Repair,
  repairsInPackage,
  repairsInRoot,
  upgrade,
} from "./accuracy/debian-root.ts";

const packages =
  "ca-certificates,curl,git,openssh-client,python3,libxml2,sqlite3,bind9-host,libxslt1.1,gnupg,rsync,xz-utils".split(
    ",",
  );
const words = process.argv.slice(2);
const option = words.indexOf("--roots");
const folder = option === -1 ? mkdtempSync(join(tmpdir(), "plimsoll-truth-")) : (words[option + 1] ?? "");
const suites = words.filter((_, at) => option === -1 || (at !== option && at !== option + 1));

process.stdout.write(
  "| root | packages | CVEs in changelogs | upgrades pending | fixes pending | found | missed | wrongly found |\n|---|---|---|---|---|---|---|---|\n",
);
for (const suite of suites) await judgeSuite(suite);
if (option === -1) rmSync(folder, { recursive: true });

async function judgeSuite(suite: string): Promise<void> {
  const root = join(folder, suite);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(root, "etc/os-release"))) debootstrap(suite, root, packages);
  addSecurityPocket(suite, root);
  const before = installedPackages(root);
  const debs = downloadUpgrades(root);
  const repairs = firstOf([...repairsInRoot(root, before), ...onePerSource(debs).flatMap(repairsInPackage)]);
  const pending = pendingUpgrades(root).length;
  await judge(`${suite}, main only`, suite, root, { repairs, pending, truth: truthOf(before, repairs) });
  upgrade(root);
  const after = pendingUpgrades(root).length;
  await judge(`${suite}, upgraded`, suite, root, {
    repairs,
    pending: after,
    truth: truthOf(installedPackages(root), repairs),
  });
}

/** The version that repaired a weakness is the lowest one whose entry names it. */
function firstOf(repairs: readonly Repair[]): readonly Repair[] {
  const lowest = new Map<string, Repair>();
  for (const repair of repairs) {
    const key = `${repair.source} ${repair.cve}`;
    const known = lowest.get(key);
    if (known === undefined || (known.version !== repair.version && isEarlier(repair.version, known.version)))
      lowest.set(key, repair);
  }
  return [...lowest.values()];
}

/** `package CVE` of everything installed whose source is older than its repair, by dpkg. */
function truthOf(installed: readonly Installed[], repairs: readonly Repair[]): ReadonlySet<string> {
  const bySource = Map.groupBy(repairs, ({ source }) => source);
  return new Set(
    installed.flatMap(({ name, source, sourceVersion }) =>
      (bySource.get(source) ?? [])
        .filter(({ version }) => isEarlier(sourceVersion, version))
        .map(({ cve }) => `${name} ${cve}`),
    ),
  );
}

type Facts = { readonly repairs: readonly Repair[]; readonly pending: number; readonly truth: ReadonlySet<string> };

async function judge(title: string, suite: string, root: string, { repairs, pending, truth }: Facts): Promise<void> {
  const found = await findings(suite, root, repairs);
  const missed = [...truth].filter((one) => !found.has(one));
  const wrong = [...found].filter((one) => !truth.has(one));
  const cells = [
    title,
    installedPackages(root).length,
    repairs.length,
    pending,
    truth.size,
    found.size - wrong.length,
    missed.length,
    wrong.length,
  ];
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
  for (const one of [...missed.map((item) => `missed ${item}`), ...wrong.map((item) => `wrong ${item}`)].slice(0, 20))
    process.stderr.write(`${one}\n`);
  if (missed.length + wrong.length > 0) process.exitCode = 1;
}

async function findings(suite: string, root: string, repairs: readonly Repair[]): Promise<ReadonlySet<string>> {
  const work = mkdtempSync(join(tmpdir(), "plimsoll-truth-"));
  try {
    const tracker = join(work, "tracker.json");
    writeFileSync(tracker, JSON.stringify(trackerOf(suite, repairs)));
    const [file] = debianTracker.files;
    if (file === undefined) throw new Error("the tracker has no file");
    const records = debianTracker.read(file, tracker, (what) => process.stderr.write(`${what}\n`));
    const feeds = [{ name: debianTracker.name, updatedAt: "2026-01-01T00:00:00Z", isComplete: () => true, records }];
    const database = join(work, "advisories.db");
    await buildDatabase({ file: database, feeds, signingKey: loadSigningKey(work), builtAt: "2026-01-01T00:00:00Z" });
    return new Set(match(root, database));
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Sources, their weaknesses, and the repair in this release: the form of security-tracker.debian.org/tracker/data/json. */
function trackerOf(suite: string, repairs: readonly Repair[]) {
  const sources = [...Map.groupBy(repairs, ({ source }) => source)].map(([source, all]) => {
    const release = (version: string) => ({
      [suite]: { status: "resolved", fixed_version: version, urgency: "not yet assigned" },
    });
    return [source, Object.fromEntries(all.map(({ cve, version }) => [cve, { releases: release(version) }]))] as const;
  });
  return Object.fromEntries(sources);
}

function match(root: string, file: string): readonly string[] {
  const path = "var/lib/dpkg/status";
  const { packages: found } = dpkg.catalog({ path, content: readFileSync(join(root, path)) });
  const release = readFileSync(join(root, "etc/os-release"), "utf8");
  const [, version = ""] = /^VERSION_ID="?(\d+)"?$/m.exec(release) ?? [];
  const distribution = { id: "debian", version, codename: "", prettyName: "" };
  const located = found.map((one) => ({ ...one, layer: -1, isOwnedByDistribution: true }));
  const database = openDatabase(file);
  try {
    const all = matchPackages({ distribution, packages: located, problems: [] }, database, { now: new Date() });
    return all.map(({ package: name, id }) => `${name} ${id}`);
  } finally {
    database.close();
  }
}
