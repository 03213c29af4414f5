// Who signed an image decides whether it gets in: the whole program with a trust file, in front of a real engine, with a registry.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { whyNoEngine } from "../support/engine.ts";
import type { TestGate } from "../support/gate.ts";
import { request } from "../support/http.ts";
import { textAt } from "../support/json.ts";
import { added, type Snapshot, takeSnapshot } from "../support/snapshot.ts";
import { openFolder, openTrustScene, runnableImage, type TrustScene } from "../support/trust-scene.ts";

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
