// The database file: answers what was put in, and nothing once a single byte was changed.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { PlimsollError } from "../../../src/base/errors.ts";
import type { FeedRecord } from "../../../src/findings/advisory-feed.ts";
import { buildDatabase } from "../../../src/findings/database/build-database.ts";
import { openDatabase } from "../../../src/findings/database/open-database.ts";
import {
  addTrustedKey,
  loadSigningKey,
  publicKeyText,
  readTrustedKeys,
} from "../../../src/findings/database/signing.ts";
import { mutated } from "../../support/mutated.ts";
import { advisory, temporaryFolder } from "../database-of.ts";

async function build(folder: string, records: readonly FeedRecord[]): Promise<string> {
  const file = join(folder, "advisories.db");
  const feeds = [{ name: "test", updatedAt: "2026-01-02T03:04:05Z", isComplete: () => true, records }];
  await buildDatabase({ file, feeds, signingKey: loadSigningKey(folder), builtAt: "2026-01-02T03:04:05Z" });
  return file;
}

const record = (...words: Parameters<typeof advisory>): FeedRecord => ({
  kind: "advisory",
  advisory: advisory(...words),
});

/** Enough for several blocks. */
const many: readonly FeedRecord[] = Array.from({ length: 3000 }, (_, at) =>
  record("npm", `package-${at % 700}`, `GHSA-${at}`, "1.0.0", {
    summary: `weakness ${(at * 7919) % 10_007} `.repeat(8),
  }),
);

function codeOf(action: () => unknown): string {
  try {
    action();
    return "none";
  } catch (thrown) {
    return thrown instanceof PlimsollError ? thrown.code : String(thrown);
  }
}

test("what was put in comes out, each under its own key", async (t) => {
  const odd = ["@scope/name", "a b\tc\n", "ü", "a%20b", "org.apache:log4j", "\u{1F600}", "x".repeat(500)];
  const full = advisory("npm", "full", "GHSA-1", "", {
    aliases: ["CVE-1"],
    ranges: [
      { introduced: "1", fixed: "2", lastAffected: "" },
      { introduced: "3", fixed: "", lastAffected: "4" },
      { introduced: "", fixed: "", lastAffected: "" },
    ],
    versions: ["9"],
    fixState: "wont-fix",
    severity: "high",
    cvss: ["CVSS:3.1/x"],
    summary: "tab\there",
    url: "https://example.org",
    published: "2024",
    imports: ["a/b"],
    module: "n:1",
    isUnimportant: true,
  });
  const records = [
    ...many,
    ...odd.map((name) => record("npm", name, `ID-${name}`, "1")),
    { kind: "advisory", advisory: full } as const,
  ];
  const database = openDatabase(await build(temporaryFolder(t), records));
  t.after(() => database.close());
  assert.deepEqual(
    odd.map((name) => database.advisoriesFor("npm", name).map(({ id }) => id)),
    odd.map((name) => [`ID-${name}`]),
  );
  assert.deepEqual(database.advisoriesFor("npm", "full"), [full]);
  assert.deepEqual(
    Array.from({ length: 700 }, (_, at) => database.advisoriesFor("npm", `package-${at}`).length).filter(
      (count) => count < 4 || count > 5,
    ),
    [],
  );
  assert.deepEqual(
    ["package-", "package-7000", "", "zzz", "!"].map((name) => database.advisoriesFor("npm", name).length),
    [0, 0, 0, 0, 0],
  );
  assert.deepEqual(database.advisoriesFor("npm ", "full"), []);
  assert.deepEqual([...database.namespaces], [["npm", 3008]]);
  database.verifyAll();
});

test("building leaves one file and the keys, and the private one is for its owner alone", async (t) => {
  const folder = temporaryFolder(t);
  await build(folder, many);
  assert.deepEqual(readdirSync(folder).sort(), ["advisories.db", "signing-key.pem", "trusted-keys"]);
});

test("a changed byte anywhere is noticed before anything is answered from it", async (t) => {
  const folder = temporaryFolder(t);
  const file = await build(folder, many);
  const whole = readFileSync(file);
  const places = [
    ...Array.from({ length: 300 }, (_, at) => at * 3),
    ...Array.from({ length: 300 }, (_, at) => Math.floor((whole.length * at) / 300)),
  ];
  const codes = places.map((at) => {
    const copy = Buffer.from(whole);
    copy[at] = (copy[at] ?? 0) ^ 1;
    writeFileSync(file, copy);
    return codeOf(() => {
      const database = openDatabase(file);
      try {
        database.verifyAll();
      } finally {
        database.close();
      }
    });
  });
  assert.deepEqual([...new Set(codes)], ["ADVISORIES_INVALID"]);
});

test("a file that lost, doubled or changed parts is refused as a whole", async (t) => {
  const file = await build(temporaryFolder(t), many);
  const whole = readFileSync(file);
  const codes = Array.from({ length: 300 }, (_, seed) => {
    const copy = mutated(whole, seed);
    writeFileSync(file, copy);
    if (copy.equals(whole)) return "ADVISORIES_INVALID";
    return codeOf(() => {
      const database = openDatabase(file);
      try {
        database.verifyAll();
      } finally {
        database.close();
      }
    });
  });
  assert.deepEqual([...new Set(codes)], ["ADVISORIES_INVALID"]);
});

test("a block that was exchanged after opening is not answered from", async (t) => {
  const file = await build(temporaryFolder(t), many);
  const database = openDatabase(file);
  t.after(() => database.close());
  const whole = readFileSync(file);
  writeFileSync(file, whole.fill(0, whole.length - 2000));
  assert.equal(
    codeOf(() => database.verifyAll()),
    "ADVISORIES_INVALID",
  );
});

test("a database by a stranger is not opened, however well signed", async (t) => {
  const [home, away] = [temporaryFolder(t), temporaryFolder(t)];
  const file = await build(home, many);
  const key = publicKeyText(loadSigningKey(home));
  loadSigningKey(away);
  assert.deepEqual(
    [
      codeOf(() => openDatabase(file).close()),
      codeOf(() => openDatabase(file, { trustedKeys: readTrustedKeys(away) })),
      codeOf(() => openDatabase(file, { trustedKeys: [] })),
      codeOf(() => openDatabase(file, { trustedKeys: [key] }).close()),
      codeOf(() => openDatabase(join(away, "advisories.db"))),
      codeOf(() => addTrustedKey(away, "no key", "x")),
    ],
    ["none", "ADVISORIES_INVALID", "ADVISORIES_INVALID", "none", "ADVISORIES_MISSING", "ADVISORIES_INVALID"],
  );
});

test("the same advisories make the same file, in whatever order they come", async (t) => {
  const folder = temporaryFolder(t);
  const first = readFileSync(await build(folder, many));
  const second = readFileSync(await build(folder, [...many].reverse()));
  assert.ok(first.equals(second));
});

test("a build that fails leaves the database that was there", async (t: TestContext) => {
  const folder = temporaryFolder(t);
  const file = await build(folder, many);
  const before = readFileSync(file);
  const failing = (function* () {
    yield record("npm", "x", "GHSA-1", "1");
    throw new Error("the disk is gone");
  })();
  const feeds = [{ name: "test", updatedAt: "", isComplete: () => true, records: failing }];
  await assert.rejects(buildDatabase({ file, feeds, signingKey: loadSigningKey(folder), builtAt: "" }));
  assert.ok(readFileSync(file).equals(before));
  assert.deepEqual(readdirSync(folder).sort(), ["advisories.db", "signing-key.pem", "trusted-keys"]);
});
