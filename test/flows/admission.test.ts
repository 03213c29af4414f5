// What is in an image decides whether a container is made of it: the whole program in front of a real engine.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { buildDatabase } from "../../src/findings/database/build-database.ts";
import { loadSigningKey } from "../../src/findings/database/signing.ts";
import { apkDatabase, osRelease } from "../admission/make-archive.ts";
import { advisory, temporaryFolder } from "../findings/database-of.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { type GateOptions, startGate, type TestGate } from "../support/gate.ts";
import { type Reply, request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { at, textAt } from "../support/json.ts";

const skip = whyNoEngine() ?? false;
/** A file whose hash the test's own list names: no malware lies in this repository. */
const trojan = "a file that stands for malware\n";
const hashes = `${createHash("sha256").update(trojan).digest("hex")}  Test.Trojan\n`;

const critical = {
  kind: "advisory",
  advisory: advisory("apk:alpine:3.19", "curl", "CVE-2026-1", "8.6.0-r0", { severity: "critical" }),
} as const;

let engine: TestEngine;
let clean = "";
let infected = "";

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  clean = await makeImage(engine.socket, { reference: "clean:1" });
  infected = await makeImage(engine.socket, {
    reference: "infected:1",
    files: [{ name: "opt/tool", data: trojan, mode: "0755" }],
  });
});

after(async () => {
  await engine?.close();
});

async function gateWith(admission: Readonly<Record<string, unknown>>, options: GateOptions = {}): Promise<TestGate> {
  const configuration = { admission: { ruleFiles: ["$FOLDER/own.hashes"], ...admission } };
  return startGate(engine, { files: { "own.hashes": hashes }, configuration, ...options });
}

function create(gate: TestGate, image: string): Promise<Reply> {
  return request(gate.socket, "POST", "/containers/create", {
    body: { Image: image, Cmd: ["true"] },
    timeoutMs: 90_000,
  });
}

test("a clean image runs, and the record says what was known of it", { skip }, async () => {
  const gate = await gateWith({});
  try {
    const made = await create(gate, "clean:1");
    assert.equal(made.status, 201, made.text);
    // Made of what was judged, under whatever name it was asked for.
    const container = await request(engine.socket, "GET", `/containers/${textAt(made.json, "Id")}/json`);
    assert.equal(textAt(container.json, "Image"), clean);
    const again = await create(gate, "clean:1");
    assert.equal(again.status, 201, again.text);
    const admitted = (await gate.recorded()).filter(({ action }) => action === "image.admit");
    assert.deepEqual(
      admitted.map(({ resource, verdict, facts }) => ({
        id: resource.id,
        verdict,
        image: facts["image"],
        scanned: facts["scanned"],
        malware: facts["malware"],
        dataAgeHours: facts["dataAgeHours"],
      })),
      [{ id: clean, verdict: "allow", image: "clean:1", scanned: true, malware: 0, dataAgeHours: -1 }],
    );
  } finally {
    await gate.close();
  }
});

test("an image with malware does not run, and its user reads why", { skip }, async () => {
  const gate = await gateWith({});
  try {
    const refused = await create(gate, "infected:1");
    assert.deepEqual([refused.status, await containersOf(infected)], [403, 0]);
    assert.match(
      textAt(refused.json, "message"),
      /container\.create denied: the image holds malware \(rule baseline\/no-malware, /,
    );
    const record = (await gate.recorded()).find(({ action }) => action === "container.create");
    assert.deepEqual([record?.verdict, record?.rules.map(({ id }) => id)], ["deny", ["baseline/no-malware"]]);
  } finally {
    await gate.close();
  }
});

test("who holds the grant image.findings runs it all the same", { skip }, async () => {
  const mine = `@id("lab") permit (principal, action == Action::"grant", resource == Grant::"image.findings");\n`;
  const gate = await gateWith(
    {},
    { files: { "own.hashes": hashes, "lab.cedar": mine }, policies: ["baseline", "$FOLDER/lab.cedar"] },
  );
  try {
    const made = await create(gate, "infected:1");
    assert.equal(made.status, 201, made.text);
    await request(engine.socket, "DELETE", `/containers/${textAt(made.json, "Id")}?force=1`);
  } finally {
    await gate.close();
  }
});

test("an observing gate lets it run, and records that it would not have", { skip }, async () => {
  const gate = await gateWith({}, { mode: "observe" });
  try {
    // The first call starts the reading, and waits for nothing.
    assert.equal((await create(gate, "infected:1")).status, 201);
    const wouldDeny = async () =>
      (await gate.recorded()).some(({ action, wouldDeny: would }) => action === "image.admit" && would);
    for (let tries = 0; tries < 100 && !(await wouldDeny()); tries += 1) {
      await sleep(300);
      assert.equal((await create(gate, "infected:1")).status, 201);
    }
    assert.ok(await wouldDeny());
  } finally {
    await gate.close();
    await removeAll();
  }
});

test("an image that could not be read in time is refused with a sentence, and runs when it has been read", {
  skip,
}, async () => {
  const gate = await gateWith({ waitMs: 0 });
  try {
    const early = await create(gate, "clean:1");
    assert.equal(early.status, 403);
    assert.match(textAt(early.json, "message"), /nobody could look into the image: it is being read/);
    let late = early;
    for (let tries = 0; tries < 200 && late.status !== 201; tries += 1) {
      await sleep(200);
      late = await create(gate, "clean:1");
    }
    assert.equal(late.status, 201, late.text);
  } finally {
    await gate.close();
  }
});

test("what the engine gets is read before anybody runs it: nobody waits", { skip }, async () => {
  const gate = await gateWith({ waitMs: 0 });
  try {
    const image = await makeImage(engine.socket, { reference: "late:1", files: [{ name: "late", data: "x" }] });
    const kept = join(gate.folder, "state", "scans", "images");
    for (let tries = 0; tries < 300 && !existsSync(kept); tries += 1) await sleep(200);
    await sleep(1000); // the answer is on its way
    const made = await create(gate, "late:1");
    assert.equal(made.status, 201, made.text);
    // What is made of a container counts as well.
    const committed = await request(
      engine.socket,
      "POST",
      `/commit?container=${textAt(made.json, "Id")}&repo=made&tag=1`,
    );
    assert.equal(committed.status, 201);
    assert.notEqual(textAt(committed.json, "Id"), image);
    let run = await create(gate, "made:1");
    for (let tries = 0; tries < 200 && run.status !== 201; tries += 1) {
      await sleep(200);
      run = await create(gate, "made:1");
    }
    assert.equal(run.status, 201, run.text);
  } finally {
    await gate.close();
    await removeAll();
  }
});

test("an image that is not there is told in the engine's words, so that clients pull it", { skip }, async () => {
  const gate = await gateWith({});
  try {
    const missing = await create(gate, "nowhere:1");
    assert.deepEqual([missing.status, at(missing.json, "message")], [404, "No such image: nowhere:1"]);
  } finally {
    await gate.close();
  }
});

test("another image under the same name is judged anew", { skip }, async () => {
  const gate = await gateWith({});
  try {
    await request(engine.socket, "POST", "/images/clean:1/tag?repo=moving&tag=1");
    assert.equal((await create(gate, "moving:1")).status, 201);
    await request(engine.socket, "POST", "/images/infected:1/tag?repo=moving&tag=1");
    await sleep(300); // the engine tells of the new tag
    assert.equal((await create(gate, "moving:1")).status, 403);
  } finally {
    await gate.close();
  }
});

test("what becomes known, and what is accepted, counts from then on", { skip }, async (t) => {
  const rule = `@id("no-fixable-critical") @reason("critical and fixable") @remedy("upgrade")
forbid (principal, action == Action::"image.admit", resource) when { context.fixableCritical > 0 };\n`;
  const folder = temporaryFolder(t);
  const [database, ignored] = [join(folder, "advisories.db"), join(folder, "ignore.yaml")];
  writeFileSync(ignored, "ignore: []\n");
  await makeImage(engine.socket, {
    reference: "alpine-like:1",
    files: [osRelease, apkDatabase(["curl", "8.5.0-r0"])],
  });
  const gate = await gateWith(
    { databasePath: database, ignoreFiles: [ignored] },
    { files: { "own.hashes": hashes, "own.cedar": rule }, policies: ["baseline", "$FOLDER/own.cedar"] },
  );
  try {
    const before = await create(gate, "alpine-like:1");
    await buildDatabase({
      file: database,
      feeds: [{ name: "test", updatedAt: "2026-01-02T03:04:05Z", isComplete: () => true, records: [critical] }],
      signingKey: loadSigningKey(folder),
      builtAt: "2026-01-02T03:04:05Z",
    });
    const known = await create(gate, "alpine-like:1");
    writeFileSync(ignored, "ignore:\n  - id: CVE-2026-1\n    reason: never called\n    expires: 2099-01-01\n");
    const accepted = await create(gate, "alpine-like:1");
    assert.deepEqual([before.status, known.status, accepted.status], [201, 403, 201], known.text);
    assert.match(textAt(known.json, "message"), /critical and fixable \(rule own\/no-fixable-critical, /);
  } finally {
    await gate.close();
    await removeAll();
  }
});

test("nobody looks into images where the configuration says so", { skip }, async () => {
  const gate = await gateWith({ enabled: "no" });
  try {
    assert.equal((await create(gate, "infected:1")).status, 201);
  } finally {
    await gate.close();
    await removeAll();
  }
});

async function containersOf(image: string): Promise<number> {
  const { json } = await request(engine.socket, "GET", "/containers/json?all=1");
  return Array.isArray(json) ? json.filter((container) => textAt(container, "ImageID") === image).length : -1;
}

async function removeAll(): Promise<void> {
  const { json } = await request(engine.socket, "GET", "/containers/json?all=1");
  for (const container of Array.isArray(json) ? json : []) {
    await request(engine.socket, "DELETE", `/containers/${textAt(container, "Id")}?force=1`);
  }
}
