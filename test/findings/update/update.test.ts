// The whole way, with real advisories: publishers on loopback -> files -> one signed database -> findings -> another machine.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { PlimsollError } from "../../../src/base/errors.ts";
import { openDatabase } from "../../../src/findings/database/open-database.ts";
import { matchPackages } from "../../../src/findings/matching/match-packages.ts";
import { buildAdvisories } from "../../../src/findings/update/build-advisories.ts";
import { databaseStatus } from "../../../src/findings/update/database-status.ts";
import { databaseFile } from "../../../src/findings/update/feed-folder.ts";
import { exportDatabase, importDatabase } from "../../../src/findings/update/transfer.ts";
import { type UpdateEvent, updateAdvisories } from "../../../src/findings/update/update-advisories.ts";
import { samples } from "../advisory-feeds/samples.ts";
import { distribution, found, inventory, temporaryFolder } from "../database-of.ts";
import { sharedAdvisories, sharedAdvisoriesMissing } from "../shared-advisories.ts";
import { startPublisher } from "./publisher.ts";

const later = (hours: number): Date => new Date(Date.parse("2026-11-22T00:00:00Z") + hours * 3_600_000);

/** All publishers at once: each feed below its own path. */
async function publish(t: TestContext, files: ReadonlyMap<string, Uint8Array>) {
  const publisher = await startPublisher(t, Object.fromEntries(files));
  const names = [...new Set([...files.keys()].map((name) => name.split("/", 1)[0] ?? ""))];
  const mirrors = Object.fromEntries(names.map((name) => [name, `${publisher.url}/${name}`]));
  return { publisher, mirrors, feeds: names };
}

const sampleFiles = (): Map<string, Uint8Array> => {
  const files = new Map(Object.entries(samples).map(([feed, { file, content }]) => [`${feed}/${file}`, content]));
  const archive = files.get("redhat-csaf-vex/archive.tar.zst") ?? new Uint8Array();
  files.set("redhat-csaf-vex/archive_latest.txt", Buffer.from("csaf_vex_2026-11-22.tar.zst\n"));
  files.set("redhat-csaf-vex/csaf_vex_2026-11-22.tar.zst", archive);
  const sum = createHash("sha256").update(archive).digest("hex");
  files.set("redhat-csaf-vex/csaf_vex_2026-11-22.tar.zst.sha256", Buffer.from(`${sum}  csaf_vex_2026-11-22.tar.zst\n`));
  for (const [name, content] of repository(files.get("amazon/2/updateinfo.xml.gz") ?? new Uint8Array()))
    files.set(name, content);
  return files;
};

const amazonFolder = "2/core/2.0/x86_64/0a1b2c";

/** A list of mirrors, whose host counts for nothing, and the index of the repository. */
function repository(updates: Uint8Array, place = "repodata/updateinfo.xml.gz"): ReadonlyMap<string, Uint8Array> {
  const sum = createHash("sha256").update(updates).digest("hex");
  const index = `<repomd><data type="primary"><checksum type="sha256">00</checksum></data>
<data type="updateinfo"><checksum type="sha256">${sum}</checksum><location href="${place}"/></data></repomd>`;
  return new Map([
    ["amazon/2/core/latest/x86_64/mirror.list", Buffer.from(`https://elsewhere.test/${amazonFolder}/\n`)],
    [`amazon/${amazonFolder}/repodata/repomd.xml`, Buffer.from(index)],
    [`amazon/${amazonFolder}/repodata/updateinfo.xml.gz`, updates],
  ]);
}

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
    return "none";
  } catch (thrown) {
    return thrown instanceof PlimsollError ? thrown.code : String(thrown);
  }
}

test("real advisories become a database that answers", { skip: sharedAdvisoriesMissing }, async (t) => {
  const folder = temporaryFolder(t);
  const { mirrors, feeds } = await publish(t, sharedAdvisories());
  const { manifest, problems } = await updateAdvisories({ folder, feeds, mirrors, now: () => later(0), retryMs: 1 });
  const counts = Object.fromEntries(manifest.feeds.map(({ name, advisories }) => [name, advisories]));
  assert.equal(problems, 0);
  assert.ok(
    Object.values(counts).every(
      (count, at) => count > 100 || ["kev", "end-of-life"].includes(Object.keys(counts)[at] ?? ""),
    ),
    JSON.stringify(counts),
  );
  const database = openDatabase(databaseFile(folder));
  t.after(() => database.close());
  const packages = [
    found("pypi", "Jinja2", "2.10"),
    found("go", "golang.org/x/text", "v0.3.6"),
    found("cargo", "time", "0.1.42"),
    found("npm", "lodash", "4.17.4"),
    found("deb", "liblog4j2-java", "2.15.0-1~deb10u1", { sourceName: "apache-log4j2" }),
  ];
  const all = matchPackages(inventory(distribution("debian", "10", "buster"), ...packages), database, {
    now: later(0),
  });
  const has = (name: string, id: string) => all.some((one) => one.package === name && one.id === id);
  assert.deepEqual(
    [
      has("Jinja2", "CVE-2019-10906"),
      has("golang.org/x/text", "CVE-2022-32149"),
      has("cargo", "x"),
      has("time", "CVE-2020-26235"),
      has("liblog4j2-java", "CVE-2021-45046"),
    ],
    [true, true, false, true, true],
  );
  const known = all.filter(({ exploitation }) => exploitation.isKnownExploited).map(({ id }) => id);
  assert.deepEqual(known, ["CVE-2021-45046"]);
});

test("the second update asks only for what changed, and a feed that fails keeps what it had", async (t) => {
  const folder = temporaryFolder(t);
  const files = sampleFiles();
  const { publisher, mirrors, feeds } = await publish(t, files);
  const settings = { folder, feeds, mirrors, retryMs: 1 };
  const first = await updateAdvisories({ ...settings, now: () => later(0) });
  publisher.files.delete("kev/known_exploited_vulnerabilities.json");
  const events: UpdateEvent[] = [];
  const second = await updateAdvisories({ ...settings, now: () => later(24), progress: (event) => events.push(event) });
  const unchanged = events.filter(({ kind }) => kind === "unchanged").length;
  const status = databaseStatus(folder, later(30));
  const ages = Object.fromEntries(status.feeds.map(({ name, ageHours }) => [name, ageHours]));
  assert.deepEqual(
    {
      unchanged,
      kev: ages["kev"],
      osv: ages["osv"],
      age: status.ageHours,
      failed: second.failures.some(({ feed }) => feed === "kev"),
      same: second.manifest.feeds.map(({ advisories }) => advisories),
    },
    {
      unchanged: 13,
      kev: 30,
      osv: 6,
      age: 6,
      failed: true,
      same: first.manifest.feeds.map(({ advisories }) => advisories),
    },
  );
});

test("feeds of which files are missing say so", async (t) => {
  const folder = temporaryFolder(t);
  const { mirrors, feeds } = await publish(t, sampleFiles());
  const { manifest } = await updateAdvisories({ folder, feeds, mirrors, now: () => later(0), retryMs: 1 });
  const complete = manifest.feeds.filter(({ isComplete }) => isComplete).map(({ name }) => name);
  assert.deepEqual(complete, [
    "debian-tracker",
    "epss",
    "kev",
    "oracle-oval",
    "redhat-csaf-vex",
    "rustsec",
    "ubuntu-osv",
  ]);
});

test("a repository whose index names other bytes, or another place, gives nothing", async (t) => {
  const updates = samples["amazon"]?.content ?? new Uint8Array();
  const other = repository(Buffer.from("other")).get(`amazon/${amazonFolder}/repodata/repomd.xml`);
  const cases: readonly ReadonlyMap<string, Uint8Array>[] = [
    new Map([...repository(updates), [`amazon/${amazonFolder}/repodata/repomd.xml`, other ?? new Uint8Array()]]),
    repository(updates, "../../../etc/passwd.xml.gz"),
    repository(updates, "https://elsewhere.test/updateinfo.xml.gz"),
    new Map([...repository(updates), ["amazon/2/core/latest/x86_64/mirror.list", Buffer.from("file:///etc/passwd\n")]]),
  ];
  const failed = await Promise.all(
    cases.map(async (files) => {
      const { mirrors } = await publish(t, files);
      const settings = { folder: temporaryFolder(t), feeds: ["amazon"], mirrors, now: () => later(0), retryMs: 1 };
      return codeOf(() => updateAdvisories(settings));
    }),
  );
  assert.deepEqual(
    failed,
    cases.map(() => "DOWNLOAD_FAILED"),
  );
});

test("a database is built again from what is here, without any network", async (t) => {
  const folder = temporaryFolder(t);
  const { publisher, mirrors, feeds } = await publish(t, sampleFiles());
  const first = await updateAdvisories({ folder, feeds, mirrors, now: () => later(0), retryMs: 1 });
  const asked = publisher.asked.length;
  const bytes = readFileSync(databaseFile(folder));
  const again = await buildAdvisories({ folder, now: () => later(0) });
  assert.deepEqual([again.manifest, publisher.asked.length], [first.manifest, asked]);
  assert.ok(readFileSync(databaseFile(folder)).equals(bytes), "the same files at the same time make the same database");
});

test("a downloaded file that somebody changed is not built in", async (t) => {
  const folder = temporaryFolder(t);
  const { mirrors, feeds } = await publish(t, sampleFiles());
  await updateAdvisories({ folder, feeds, mirrors, now: () => later(0), retryMs: 1 });
  const file = join(folder, "feeds/kev/known_exploited_vulnerabilities.json");
  writeFileSync(file, readFileSync(file, "utf8").replace("48384", "48385"));
  const { failures, manifest } = await buildAdvisories({ folder, now: () => later(0) });
  assert.deepEqual(
    [failures.map(({ feed }) => feed), manifest.feeds.find(({ name }) => name === "kev")?.isComplete],
    [["kev"], false],
  );
});

test("when nothing can be fetched, there is an error and the old database stays", async (t) => {
  const folder = temporaryFolder(t);
  const mirrors = { kev: "http://127.0.0.1:1" };
  const empty = await codeOf(() =>
    updateAdvisories({ folder, feeds: ["kev"], mirrors, now: () => later(0), retryMs: 1 }),
  );
  assert.deepEqual([empty, existsSync(databaseFile(folder))], ["DOWNLOAD_FAILED", false]);
  assert.equal(await codeOf(() => updateAdvisories({ folder, feeds: ["nope"], now: () => later(0) })), "USAGE");
});

test("an archive that is not what its publisher's checksum says is not taken", async (t) => {
  const folder = temporaryFolder(t);
  const files = sampleFiles();
  files.set("redhat-csaf-vex/csaf_vex_2026-11-22.tar.zst.sha256", Buffer.from("0".repeat(64)));
  const { mirrors, feeds } = await publish(t, files);
  const { failures, manifest } = await updateAdvisories({ folder, feeds, mirrors, now: () => later(0), retryMs: 1 });
  assert.equal(
    manifest.feeds.some(({ name }) => name === "redhat-csaf-vex"),
    false,
  );
  assert.match(failures.find(({ feed }) => feed === "redhat-csaf-vex")?.what ?? "", /checksum/);
});

test("two updates of one folder at a time are one too many", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "update.lock"), String(process.ppid));
  assert.equal(
    await codeOf(() => updateAdvisories({ folder, feeds: ["kev"], now: () => later(0) })),
    "ALREADY_RUNNING",
  );
  writeFileSync(join(folder, "update.lock"), "999999999");
  const { mirrors } = await publish(t, sampleFiles());
  await updateAdvisories({ folder, feeds: ["kev"], mirrors, now: () => later(0), retryMs: 1 });
  assert.equal(existsSync(join(folder, "update.lock")), false);
});

test("a database goes to another machine as one file, and is believed there only with the builder's key", async (t) => {
  const [home, away] = [temporaryFolder(t), temporaryFolder(t)];
  const { mirrors, feeds } = await publish(t, sampleFiles());
  await updateAdvisories({ folder: home, feeds, mirrors, now: () => later(0), retryMs: 1 });
  const source = join(temporaryFolder(t), "advisories.db");
  const { signedBy, digest } = exportDatabase(home, source);
  const take = (key: string) => importDatabase({ folder: away, source, key, allowOlder: false, now: later(1) });
  const untold = await codeOf(() => take(""));
  const wrong = await codeOf(() => take(Buffer.alloc(32, 1).toString("base64")));
  const status = take(signedBy);
  const again = take("");
  assert.deepEqual(
    [untold, wrong, status.digest, again.digest, status.signedBy, readdirSync(away).sort()],
    ["ADVISORIES_INVALID", "ADVISORIES_INVALID", digest, digest, signedBy, ["advisories.db", "trusted-keys"]],
  );
});

test("an older database does not take the place of a newer one unless that is asked for", async (t) => {
  const [home, away] = [temporaryFolder(t), temporaryFolder(t)];
  const { mirrors, feeds } = await publish(t, sampleFiles());
  const build = (hours: number) =>
    updateAdvisories({ folder: home, feeds, mirrors, now: () => later(hours), retryMs: 1 });
  const [old, fresh] = ["old.db", "new.db"].map((name) => join(temporaryFolder(t), name));
  await build(0);
  const { signedBy } = exportDatabase(home, old ?? "");
  await build(24);
  exportDatabase(home, fresh ?? "");
  const take = (source: string, allowOlder: boolean) =>
    importDatabase({ folder: away, source, key: signedBy, allowOlder, now: later(30) }).ageHours;
  assert.equal(take(fresh ?? "", false), 6);
  assert.equal(await codeOf(() => take(old ?? "", false)), "ADVISORIES_INVALID");
  assert.equal(databaseStatus(away, later(30)).ageHours, 6);
  assert.equal(take(old ?? "", true), 30);
});

test("a cut, lengthened or missing database is refused before it takes any place", async (t) => {
  const [home, away] = [temporaryFolder(t), temporaryFolder(t)];
  const { mirrors, feeds } = await publish(t, sampleFiles());
  await updateAdvisories({ folder: home, feeds, mirrors, now: () => later(0), retryMs: 1 });
  const source = join(temporaryFolder(t), "a.db");
  const { signedBy } = exportDatabase(home, source);
  const take = () =>
    codeOf(() => importDatabase({ folder: away, source, key: signedBy, allowOlder: false, now: later(0) }));
  const whole = readFileSync(source);
  appendFileSync(source, "x");
  const longer = await take();
  writeFileSync(source, whole.subarray(0, -10));
  const shorter = await take();
  rmSync(source);
  assert.deepEqual(
    [longer, shorter, await take(), readdirSync(away)],
    ["ADVISORIES_INVALID", "ADVISORIES_INVALID", "ADVISORIES_MISSING", []],
  );
});
