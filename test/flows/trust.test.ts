// Who signed an image decides whether it gets in: the whole program with a trust file, in front of a real engine, with a registry.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { whyNoEngine } from "../support/engine.ts";
import type { TestGate } from "../support/gate.ts";
import { request } from "../support/http.ts";
import { busyboxFiles, makeImage } from "../support/images.ts";
import { textAt } from "../support/json.ts";
import { added, type Snapshot, takeSnapshot } from "../support/snapshot.ts";
import { tar } from "../support/tar.ts";
import {
  create,
  openFolder,
  openTrustScene,
  pull,
  replaceFile,
  runnableImage,
  type TrustScene,
  trustFileText,
} from "../support/trust-scene.ts";

const skip = whyNoEngine() ?? false;
const closers: (() => Promise<void> | void)[] = [];
let scene: TrustScene;
let gate: TestGate;
let signed = "";
let unsigned = "";

before(async () => {
  if (skip !== false) return;
  scene = await openTrustScene({ after: (work) => closers.push(work) });
  const good = await runnableImage("good");
  signed = await scene.push("1", good);
  await scene.sign(good);
  unsigned = await scene.push("2", await runnableImage("bad"));
  gate = await scene.gate({ local: "allow" });
  closers.push(gate.close);
});

after(async () => {
  for (const close of closers.toReversed()) await close();
});

function docker(...words: readonly string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
} {
  const ran = spawnSync("docker", ["-H", `unix://${gate.socket}`, ...words], {
    encoding: "utf8",
    env: { ...process.env, DOCKER_BUILDKIT: "0" },
    timeout: 90_000,
  });
  return { status: ran.status, out: ran.stdout.trim(), error: ran.stderr.trim() };
}

const left = async (then: Snapshot): Promise<readonly string[]> => added(then, await takeSnapshot(scene.engine.socket));

test("docker run of a signed image pulls it by its digest, and it goes by its name", { skip }, async () => {
  const ran = docker("run", "--rm", "--network", "none", signed, "cat", "/mark");
  assert.deepEqual([ran.status, ran.out], [0, "good"], ran.error);
  assert.match(docker("images", "--digests").out, new RegExp(`${signed.replace(":1", "")} +1 +sha256:`));
});

test("docker run of an image that nobody signed is refused with who would have had to sign, and leaves nothing", {
  skip,
}, async () => {
  const then = await takeSnapshot(scene.engine.socket);
  const ran = docker("run", "--rm", "--network", "none", unsigned, "cat", "/mark");
  assert.deepEqual([ran.status, ran.out, await left(then)], [125, "", []]);
  assert.match(
    ran.error,
    /image\.pull denied: nobody signed it; needs a signature by release \(rule trust\/127\.0\.0\.1:\d+\/app\)\. Ask release to sign sha256:/,
  );
});

test("an image that was there before the gate is judged when it is run", { skip }, async () => {
  const [repository, tag] = [unsigned.slice(0, -2), "2"];
  await request(scene.engine.socket, "POST", `/images/create?fromImage=${repository}&tag=${tag}`);
  const found = await request(scene.engine.socket, "GET", `/images/${unsigned}/json`);
  const id = textAt(found.json, "Id");
  const runs = [unsigned, id, id.slice(7, 19)].map((name) => docker("create", "--network", "none", name));
  assert.deepEqual(
    runs.map(({ status, error }) => [status, /needs a signature by release/.test(error)]),
    [
      [1, true],
      [1, true],
      [1, true],
    ],
  );
  await request(scene.engine.socket, "DELETE", `/images/${id}?force=1`);
});

/** `docker build` with the classic builder. */
function build(dockerfile: string, ...options: readonly string[]): ReturnType<typeof docker> {
  const folder = openFolder({ after: (work) => closers.push(async () => void (await work())) });
  writeFileSync(join(folder, "Dockerfile"), dockerfile);
  return docker("build", ...options, folder);
}

const mine = (tag: string): string => `made:${tag}`;

test("a build takes from signed images alone, fetched by their digests, and what it takes from is named by id", {
  skip,
}, async () => {
  const then = await takeSnapshot(scene.engine.socket);
  const good = build(
    `FROM ${signed} AS one\nRUN cat /mark > /seen\nFROM ${signed}\nCOPY --from=one /seen /seen\nCMD ["cat", "/seen"]\n`,
    "-t",
    mine("1"),
  );
  assert.equal(good.status, 0, good.error);
  assert.match(good.out, new RegExp(`Step 1/5 : FROM ${signed} AS one`));
  assert.deepEqual(docker("run", "--rm", "--network", "none", mine("1")).out, "good");
  docker("rmi", "-f", mine("1"));
  docker("image", "prune", "-f");
  const rows = [
    `FROM ${unsigned}\n`,
    `FROM ${signed}\nCOPY --from=${unsigned} /mark /other\n`,
    `ARG WHICH=2\nFROM ${unsigned.slice(0, -1)}$WHICH\n`,
    `FROM ${signed}\nONBUILD COPY --from=${unsigned} /mark /other\n`,
  ];
  for (const row of rows) {
    const refused = build(row, "-t", mine("2"));
    assert.notEqual(refused.status, 0, row);
    assert.match(`${refused.out}${refused.error}`, /nobody signed it; needs a signature by release/, row);
  }
  assert.deepEqual(
    (await left(then)).filter((what) => what.startsWith("tag:") || what.startsWith("container:")),
    [],
  );
});

/** Another trust file for the gate that runs. */
async function trustFile(more: object): Promise<void> {
  replaceFile(join(gate.folder, "trust.yaml"), trustFileText(scene.host, scene.release, more));
  await sleep(1000); // the gate looks twice a second
}

const why = ({ error, out }: ReturnType<typeof docker>): string =>
  /denied: (.*?)(?: \(rule|\. [A-Z]|$)/.exec(`${error}${out}`)?.[1]?.replaceAll(/sha256:[0-9a-f]{64}/g, "ID") ?? error;

test("what is made here is made and run only when the trust file lets it", { skip }, async () => {
  const folder = openFolder({ after: (work) => closers.push(async () => void (await work())) });
  const [saved, files] = [join(folder, "saved.tar"), join(folder, "files.tar")];
  writeFileSync(files, tar([...(await busyboxFiles()), { name: "mark", data: "imported" }]));
  docker("pull", "-q", signed);
  const container = docker("create", "--network", "none", signed, "true").out;
  docker("tag", signed, "kept:1");
  spawnSync("docker", ["-H", `unix://${scene.engine.socket}`, "save", "-o", saved, "kept:1"]);
  const ways = (): readonly (readonly [string, ReturnType<typeof docker>])[] => [
    ["load", docker("load", "-q", "-i", saved)],
    ["import", docker("import", files, "imported:1")],
    ["commit", docker("commit", container, "committed:1")],
    ["build", build(`FROM ${signed}\nLABEL a=b\n`, "-q", "-t", "built:1")],
  ];
  const then = await takeSnapshot(scene.engine.socket);
  await trustFile({ local: "deny" });
  const refused = ways().map(([name, ran]) => [name, why(ran)]);
  const nothing = (await left(then)).filter((what) => !what.startsWith("image:"));
  const local = "the image was made or loaded on this host and nobody signed it";
  assert.deepEqual([refused, nothing], [["load", "import", "commit", "build"].map((name) => [name, local]), []]);
  await trustFile({ local: "allow" });
  assert.deepEqual(
    ways().map(([name, ran]) => [name, ran.status === 0 ? "" : ran.error]),
    [
      ["load", ""],
      ["import", ""],
      ["commit", ""],
      ["build", ""],
    ],
  );
  const run = (name: string): string => why(docker("create", "--network", "none", name, "true"));
  assert.deepEqual(
    ["imported:1", "committed:1", "built:1", "kept:1"].map((name) => run(name).replace(/^[0-9a-f]{64}$/, "")),
    ["", "", "", ""],
  );
  await trustFile({ local: "deny" });
  assert.deepEqual(["imported:1", "committed:1", "built:1"].map(run), [local, local, local]);
  assert.match(docker("tag", "imported:1", "other:1").error, /image\.tag denied: the image was made or loaded/);
  // Signed, whatever it is called: it is the same image.
  assert.equal(run("kept:1"), "");
});

test("a name whose images have to be signed is worth nothing on an image from elsewhere", { skip }, async () => {
  await trustFile({ local: "allow" });
  const claimed = `${scene.host}/app:claimed`;
  const folder = openFolder({ after: (work) => closers.push(async () => void (await work())) });
  const saved = join(folder, "saved.tar");
  await makeImage(scene.engine.socket, { reference: claimed });
  spawnSync("docker", ["-H", `unix://${scene.engine.socket}`, "save", "-o", saved, claimed]);
  const run = docker("create", "--network", "none", claimed, "true");
  assert.match(
    run.error,
    /did not come from 127\.0\.0\.1:\d+\/app, whose name it has here; nobody signed it; needs a signature by release/,
  );
  await request(scene.engine.socket, "DELETE", `/images/${claimed}?force=1`);
  const loaded = docker("load", "-q", "-i", saved);
  assert.match(
    loaded.error,
    /image\.load denied: an archive claims to be 127\.0\.0\.1:\d+\/app:claimed; nobody signed it/,
  );
  const imported = docker("import", "-", claimed);
  assert.match(imported.error, /image\.import denied: an archive claims to be/);
  assert.equal((await request(scene.engine.socket, "GET", `/images/${claimed}/json`)).status, 404);
});

test("a container that was made before is judged when it is started, and so is one whose signature was revoked", {
  skip,
}, async () => {
  const [repository] = unsigned.split(/:2$/);
  await pull(scene.engine.socket, unsigned);
  const old = textAt((await create(scene.engine.socket, unsigned)).json, "Id");
  assert.match(docker("start", old).error, /container\.start denied: nobody signed it; needs a signature by release/);
  const made = docker("create", "--network", "none", signed, "true").out;
  assert.equal(docker("start", made).status, 0);
  const digest = /sha256:[0-9a-f]{64}/.exec(docker("images", "--digests", "--no-trunc", signed).out)?.[0] ?? "";
  await trustFile({ local: "allow", revoked: { digests: [digest] } });
  assert.match(
    docker("start", made).error,
    /container\.start denied: sha256:[0-9a-f]{64} is revoked in the trust file/,
  );
  assert.match(docker("create", signed).error, /container\.create denied: sha256:[0-9a-f]{64} is revoked/);
  assert.match(docker("pull", signed).error, /image\.pull denied: sha256:[0-9a-f]{64} is revoked/);
  await trustFile({ local: "allow" });
  for (const id of [old, made]) await request(scene.engine.socket, "DELETE", `/containers/${id}?force=1`);
  await request(scene.engine.socket, "DELETE", `/images/${repository}:2?force=1`);
});

test("a trust file with a mistake changes nothing: the last good one stays, and its reader is told", {
  skip,
}, async () => {
  replaceFile(join(gate.folder, "trust.yaml"), "version: 1\nrules: [{ scope: '*' }]\n");
  await sleep(1000);
  assert.match(docker("pull", unsigned).error, /needs a signature by release/);
  assert.match(await gate.log(), /the trust file has a mistake, the last good one stays in force: /);
  replaceFile(
    join(gate.folder, "trust.yaml"),
    trustFileText(scene.host, scene.release, { local: "allow", otherwise: "allow" }),
  );
});
