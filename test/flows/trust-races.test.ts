// Tags that move while somebody looks, clients that race, a gate that is killed between two steps, an engine that starts again:
// whatever happens in between, what gets in is what was judged.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { tagRecordType } from "../../src/trust/tag-record.ts";
import { newPair, pemOf } from "../judges/scene.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { type HostileRegistry, type HostileRepository, startHostileRegistry } from "../support/hostile-registry.ts";
import { type Reply, request } from "../support/http.ts";
import { at, textAt } from "../support/json.ts";
import { type MadeImage, types } from "../support/oci-image.ts";
import { added, restore, type Snapshot, takeSnapshot } from "../support/snapshot.ts";
import { create, labPolicy, pull, replaceFile, runnableImage } from "../support/trust-scene.ts";

const skip = whyNoEngine() ?? false;
const closers: (() => Promise<void>)[] = [];
const release = newPair();
let engine: TestEngine;
let registry: HostileRegistry;
let gate: TestGate;
let empty: Snapshot;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine({ sharesNetwork: true });
  closers.push(engine.close);
  registry = await startHostileRegistry({ after: (work) => closers.push(work) });
  const rules = [
    { scope: `${registry.host}/*`, require: { anyOf: ["release"] } },
    { scope: `${registry.host}/noted`, require: { anyOf: ["release"] }, freshness: { tagRecord: true } },
  ];
  const file = { version: "1", signers: { release: { key: pemOf(release) } }, rules, local: "allow" };
  gate = await startGate(engine, {
    policies: ["baseline", "$FOLDER/lab.cedar"],
    files: { "lab.cedar": labPolicy, "trust.yaml": JSON.stringify(file) },
    configuration: {
      admission: { enabled: "no", trustFile: "$FOLDER/trust.yaml", insecureRegistries: [registry.host] },
    },
  });
  closers.push(gate.close);
  empty = await takeSnapshot(engine.socket);
});

beforeEach(async () => {
  if (skip === false) await restore(engine.socket, empty);
});

after(async () => {
  for (const close of closers.toReversed()) await close();
});

const isTaken = ({ status, text }: Reply): boolean => status === 200 && !text.includes('"errorDetail"');
const left = async (): Promise<readonly string[]> => added(empty, await takeSnapshot(engine.socket));

type Pair = {
  readonly repository: HostileRepository;
  readonly name: string;
  readonly good: MadeImage;
  readonly bad: MadeImage;
};

/** A repository with an image that is signed under `1`, and one that is not under nothing yet. */
async function openRepository(path: string): Promise<Pair> {
  const repository = registry.repository(path);
  const [good, bad] = [await runnableImage(`good ${path}`), await runnableImage(`bad ${path}`)];
  repository.push(bad, "other");
  repository.push(good);
  await repository.sign(release, good.manifest);
  return { repository, name: `${repository.name}:1`, good, bad };
}

const onlyImage = ({ name, good }: Pair): readonly string[] => [`image:${good.config.digest}`, `tag:${name}`];

test("M8: a tag that answers differently each time it is asked is asked once, and only what was judged is pulled", {
  skip,
}, async () => {
  const pair = await openRepository("m8");
  let asked = 0;
  pair.repository.misbehave = (request_, response, place) => {
    if (place !== "manifests/1") return false;
    asked += 1;
    const { manifest } = asked % 2 === 1 ? pair.good : pair.bad;
    const head = {
      "Content-Type": types.manifest,
      "Docker-Content-Digest": manifest.digest,
      "Content-Length": manifest.bytes.length,
    };
    response.writeHead(200, head).end(request_.method === "HEAD" ? undefined : manifest.bytes);
    return true;
  };
  const first = await pull(gate.socket, pair.name);
  assert.deepEqual([isTaken(first), asked, await left()], [true, 1, onlyImage(pair)], first.text);
  await restore(engine.socket, empty);
  const second = await pull(gate.socket, pair.name);
  assert.deepEqual([isTaken(second), asked, await left()], [false, 2, []], second.text);
  // An engine by itself asks twice, and takes whatever comes.
  await pull(engine.socket, pair.name);
  assert.ok(asked > 2);
});

test("a tag that moves between the verdict and the pull: the engine gets what was judged", { skip }, async () => {
  const pair = await openRepository("between");
  const { repository } = pair;
  repository.misbehave = (_request, _response, place) => {
    // The first question by digest for the signatures: from here on the tag means the other image.
    if (place.startsWith("manifests/sha256-")) repository.serve(pair.bad.manifest, types.manifest);
    return false;
  };
  const reply = await pull(gate.socket, pair.name);
  assert.deepEqual([isTaken(reply), await left()], [true, onlyImage(pair)], reply.text);
  const again = await pull(gate.socket, pair.name);
  assert.deepEqual([isTaken(again), await left()], [false, onlyImage(pair)], again.text);
});

test("a tag that moves between pull and create, here: what is made is what was judged, or nothing", {
  skip,
}, async () => {
  const pair = await openRepository("moving");
  await pull(engine.socket, `${pair.repository.name}:other`);
  await pull(gate.socket, pair.name);
  const [repo, other] = [pair.repository.name, pair.bad.config.digest];
  let isOver = false;
  const flip = async (): Promise<void> => {
    for (const id of Array.from({ length: 60 }, (_, turn) => (turn % 2 === 0 ? other : pair.good.config.digest))) {
      await request(engine.socket, "POST", `/images/${id}/tag?repo=${repo}&tag=1`);
    }
    isOver = true;
  };
  const flipping = flip();
  const replies: Reply[] = [];
  while (!isOver) replies.push(await create(gate.socket, pair.name));
  await flipping;
  const { json } = await request(engine.socket, "GET", "/containers/json?all=1");
  const images = new Set(Array.isArray(json) ? json.map((container) => textAt(container, "ImageID")) : []);
  assert.deepEqual([...images], images.size === 0 ? [] : [pair.good.config.digest]);
  assert.ok(
    replies.every(({ status }) => status === 201 || status === 403),
    replies.map(({ status }) => status).join(),
  );
});

async function imageOf(id: string): Promise<string> {
  return textAt((await request(engine.socket, "GET", `/containers/${id}/json`)).json, "Image");
}

test("the name that the user typed stays visible on what is made of the digest", { skip }, async () => {
  const pair = await openRepository("visible");
  await pull(gate.socket, pair.name);
  const made = await create(gate.socket, pair.name);
  const id = textAt(made.json, "Id");
  const [here, there] = await Promise.all(
    [gate.socket, engine.socket].map(async (socket) => (await request(socket, "GET", `/containers/${id}/json`)).json),
  );
  assert.deepEqual(
    [at(here, "Config", "Image"), at(here, "Image"), at(there, "Config", "Image")],
    [pair.name, pair.good.config.digest, pair.good.config.digest],
  );
});

test("two clients at once, one tag: both get the image that is signed, whatever else is being pulled", {
  skip,
}, async () => {
  const pair = await openRepository("both");
  const names = [pair.name, `${pair.repository.name}:other`, pair.name, `${pair.repository.name}:other`, pair.name];
  const replies = await Promise.all(names.map((name) => pull(gate.socket, name)));
  assert.deepEqual([replies.map(isTaken), await left()], [[true, false, true, false, true], onlyImage(pair)]);
  const made = await Promise.all(names.map((name) => create(gate.socket, name)));
  assert.deepEqual(
    made.map(({ status }) => status),
    [201, 404, 201, 404, 201],
  );
});

test("a gate that is killed at any step of a pull leaves no image that nobody signed, and no name on one", {
  skip,
}, async () => {
  const pair = await openRepository("killed");
  const layer = pair.good.layers[0]?.digest ?? "";
  // While the name is resolved, while it is judged, while the engine pulls.
  for (const step of ["manifests/1", "manifests/sha256-", `blobs/${layer}`]) {
    let reached: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      reached = resolve;
    });
    pair.repository.misbehave = (_request, response, place) => {
      if (!place.startsWith(step)) return false;
      reached();
      setTimeout(() => response.destroy(), 300);
      return true;
    };
    const pulling = pull(gate.socket, pair.name);
    await arrived;
    await gate.kill();
    await pulling;
    pair.repository.misbehave = () => false;
    await sleep(300);
    assert.deepEqual(
      (await left()).filter((what) => what !== `image:${pair.good.config.digest}`),
      [],
      step,
    );
    await gate.start();
  }
  const reply = await pull(gate.socket, pair.name);
  assert.deepEqual([isTaken(reply), await left()], [true, onlyImage(pair)], reply.text);
});

test("an engine that starts again has what it had, and it is judged as before; the registry may be away", {
  skip,
}, async () => {
  const pair = await openRepository("restart");
  await pull(gate.socket, pair.name);
  await pull(engine.socket, `${pair.repository.name}:other`);
  await engine.kill();
  const without = await create(gate.socket, pair.name);
  await engine.start();
  pair.repository.misbehave = (_request, response) => {
    response.destroy();
    return true;
  };
  await gate.kill();
  await gate.start();
  const [good, bad] = [
    await create(gate.socket, pair.name),
    await create(gate.socket, `${pair.repository.name}:other`),
  ];
  assert.deepEqual([without.status, good.status, bad.status], [502, 201, 403], good.text);
  assert.match(bad.text, /nobody can tell who signed it/);
});

test("an engine that ends in the middle of a pull has no image of it afterwards, or the one that was judged, and no name on another", {
  skip,
}, async () => {
  const pair = await openRepository("ended");
  const layer = pair.good.layers[0]?.digest ?? "";
  let reached: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    reached = resolve;
  });
  pair.repository.misbehave = (_request, _response, place) => {
    if (!place.startsWith(`blobs/${layer}`)) return false;
    reached();
    return true; // and nothing is answered
  };
  const pulling = pull(gate.socket, pair.name);
  await arrived;
  // Meanwhile the tag comes to mean the other image.
  pair.repository.serve(pair.bad.manifest, types.manifest);
  await engine.kill();
  const broken = await pulling.catch(() => undefined);
  await engine.start();
  pair.repository.misbehave = () => false;
  const there = await left();
  const again = await pull(gate.socket, pair.name);
  assert.deepEqual(
    [broken === undefined || !isTaken(broken), there, isTaken(again), await left()],
    [true, [], false, []],
  );
  pair.repository.push(pair.good);
  const good = await pull(gate.socket, pair.name);
  assert.deepEqual([isTaken(good), await left()], [true, onlyImage(pair)], good.text);
});

test("S4: a tag that is set back is refused, also after the gate was killed, and also for the image that is here already", {
  skip,
}, async () => {
  const pair = await openRepository("noted");
  const newer = await runnableImage("newer");
  const { repository } = pair;
  const note = async (image: MadeImage, counter: number): Promise<void> => {
    const times = { issued: "2026-01-01T00:00:00Z", expires: "2099-01-01T00:00:00Z" };
    const predicate = { repository: repository.name, tag: "1", counter, ...times };
    await repository.sign(release, image.manifest, { predicateType: tagRecordType, predicate });
  };
  await note(pair.good, 1);
  const first = await pull(gate.socket, pair.name);
  repository.push(newer);
  await repository.sign(release, newer.manifest);
  await note(newer, 2);
  const second = await pull(gate.socket, pair.name);
  await gate.kill();
  await gate.start();
  repository.push(pair.good);
  const back = await pull(gate.socket, pair.name);
  assert.deepEqual([isTaken(first), isTaken(second), isTaken(back)], [true, true, false], back.text);
  assert.match(back.text, /the tag 1 was set back: record 1, but 2 was seen before/);
  // Around the gate the engine gets the old image under the tag.
  await request(engine.socket, "POST", `/images/${pair.good.config.digest}/tag?repo=${repository.name}&tag=1`);
  // Until the engine has told the gate of that, the name stands for the newer image, and that one is what runs.
  const made: string[] = [];
  const run = await eventually(
    async () => {
      const reply = await create(gate.socket, pair.name);
      if (reply.status === 201) made.push(await imageOf(textAt(reply.json, "Id")));
      return reply;
    },
    ({ status }) => status !== 201,
  );
  assert.deepEqual([run.status, /was set back/.test(run.text)], [403, true], run.text);
  assert.ok(
    made.every((image) => image === newer.config.digest),
    made.join(),
  );
});

test("an image that is revoked while it is being pulled does not get in", { skip }, async () => {
  const pair = await openRepository("revoked");
  const layer = pair.good.layers[0]?.digest ?? "";
  const trustFile = join(gate.folder, "trust.yaml");
  const text = readFileSync(trustFile, "utf8");
  pair.repository.misbehave = (_request, response, place) => {
    if (place !== `blobs/${layer}`) return false;
    replaceFile(trustFile, JSON.stringify({ ...JSON.parse(text), revoked: { digests: [pair.good.manifest.digest] } }));
    setTimeout(() => response.writeHead(200).end(pair.good.layers[0]?.bytes), 1200);
    return true;
  };
  const reply = await pull(gate.socket, pair.name);
  replaceFile(trustFile, text);
  await sleep(1000);
  assert.deepEqual([isTaken(reply), await left()], [false, []], reply.text);
  assert.match(reply.text, /is revoked in the trust file/);
});
