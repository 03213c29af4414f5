// The side doors: plugins, services, builders that the gate cannot see into, caches, platforms; and what happens where nothing is refused.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { newPair, pemOf } from "../judges/scene.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { type HostileRegistry, startHostileRegistry } from "../support/hostile-registry.ts";
import { archive, file, symlink } from "../support/hostile-tar.ts";
import { type Reply, request } from "../support/http.ts";
import { at, textAt } from "../support/json.ts";
import { makePlugin, pushPlugin } from "../support/made-plugin.ts";
import {
  describe,
  indexOf,
  type MadeImage,
  makeBlob,
  makeOciImage,
  savedArchive,
  types,
} from "../support/oci-image.ts";
import { enterOwnNetwork } from "../support/own-network.ts";
import { added, restore, type Snapshot, takeSnapshot } from "../support/snapshot.ts";
import { create, labPolicy, pull, runnableImage } from "../support/trust-scene.ts";

const skip = whyNoEngine() ?? false;
const closers: (() => Promise<void>)[] = [];
const release = newPair();
let engine: TestEngine;
let registry: HostileRegistry;
let gate: TestGate;
let empty: Snapshot;
let signed: MadeImage;
/** Names of the two images in the registry. */
let good = "";
let bad = "";
let strict = "";
let watched = "";
let free = "";

const listener = (name: string, mode: string, ...sets: readonly string[]) => ({
  ...{ name, unix: `$FOLDER/${name}.sock`, fileMode: "0666", mode },
  policies: ["baseline", "$FOLDER/lab.cedar", ...sets],
});
const grants = ["engine.plugins", "engine.swarm", "build.unrestricted", "image.remote-source"];
const grantAll = (names: readonly string[]): string =>
  names
    .map(
      (name) =>
        `@id("${name.replace(".", "-")}") permit (principal, action == Action::"grant", resource == Grant::"${name}");`,
    )
    .join("\n");

before(async () => {
  if (skip !== false) return;
  enterOwnNetwork();
  engine = await startEngine({ sharesNetwork: true });
  closers.push(engine.close);
  registry = await startHostileRegistry({ after: (work) => closers.push(work) });
  const repository = registry.repository("app");
  signed = await runnableImage("good");
  repository.push(await runnableImage("bad"), "2");
  repository.push(signed);
  await repository.sign(release, signed.manifest);
  [good, bad] = [`${repository.name}:1`, `${repository.name}:2`];
  const rules = [{ scope: `${registry.host}/*`, require: { anyOf: ["release"] } }];
  const trust = { version: "1", signers: { release: { key: pemOf(release) } }, rules, local: "allow" };
  gate = await startGate(engine, {
    listeners: [
      listener("strict", "enforce"),
      listener("watched", "observe"),
      listener("free", "enforce", "$FOLDER/free.cedar"),
    ],
    files: {
      "lab.cedar": `${labPolicy}${grantAll(grants)}`,
      "free.cedar": grantAll(["image.unsigned"]),
      "trust.yaml": JSON.stringify(trust),
    },
    configuration: {
      admission: { enabled: "no", trustFile: "$FOLDER/trust.yaml", insecureRegistries: [registry.host] },
    },
  });
  closers.push(gate.close);
  strict = `${gate.folder}/strict.sock`;
  watched = `${gate.folder}/watched.sock`;
  free = `${gate.folder}/free.sock`;
  empty = await takeSnapshot(engine.socket);
});

after(async () => {
  for (const close of closers.toReversed()) await close();
});

const left = async (): Promise<readonly string[]> => added(empty, await takeSnapshot(engine.socket));
const isTaken = ({ status, text }: Reply): boolean => status < 300 && !text.includes('"errorDetail"');
const why = ({ text }: Reply): string => text.replaceAll(/sha256:[0-9a-f]{64}/g, "ID").slice(0, 400);

function build(socket: string, context: Buffer, query = ""): Promise<Reply> {
  const headers = { "Content-Type": "application/x-tar" };
  return request(socket, "POST", `/build?t=made:1${query}`, { body: context, headers, timeoutMs: 60_000 });
}

const context = (dockerfile: string): Buffer => archive(file("Dockerfile", dockerfile), file("other", "x"));

test("every tag of a repository at once, and the image of another platform than was judged, are not pulled", {
  skip,
}, async () => {
  const all = await request(strict, "POST", `/images/create?fromImage=${good.slice(0, -2)}`);
  assert.deepEqual(
    [all.status, /every tag of .* would be pulled, unjudged/.test(all.text), await left()],
    [403, true, []],
  );
  const repository = registry.repository("wide");
  const [amd, arm] = ["amd64", "arm64"].map((architecture) => makeOciImage({ config: { architecture } }));
  if (amd === undefined || arm === undefined) throw new Error("two images");
  repository.push(amd, "amd");
  repository.push(arm, "arm");
  const entry = ({ manifest }: MadeImage, architecture: string) =>
    describe(manifest, types.manifest, { platform: { os: "linux", architecture } });
  const index = makeBlob(indexOf(entry(amd, "amd64"), entry(arm, "arm64")));
  repository.serve(index, types.index);
  const before_ = await pull(strict, `${repository.name}:1`);
  await repository.sign(release, index, {}, types.index);
  const [here, there] = [
    await pull(strict, `${repository.name}:1`),
    await pull(strict, `${repository.name}:1`, "&platform=linux/arm64"),
  ];
  const ids = (await left()).filter((what) => what.startsWith("image:")).sort();
  assert.deepEqual(
    [isTaken(before_), isTaken(here), isTaken(there), ids],
    [false, true, true, [amd, arm].map(({ config }) => `image:${config.digest}`).sort()],
    `${why(here)} ${why(there)}`,
  );
  await restore(engine.socket, empty);
});

test("D1, D2, D12, D13: builds take in nothing that is not judged, by no way", { skip }, async () => {
  await pull(engine.socket, bad);
  const refusal = /nobody signed it|cannot be fixed before it is built/;
  const rows: readonly (readonly [string, Promise<Reply>, RegExp])[] = [
    ["BuildKit", build(strict, context(`FROM ${good}\n`), "&version=2"), /a BuildKit build takes in images/],
    [
      "a session",
      request(strict, "POST", "/session", { headers: { Connection: "Upgrade", Upgrade: "h2c" } }),
      /cannot see which images/,
    ],
    [
      "a remote context",
      request(strict, "POST", "/build?t=made:1&remote=http://127.0.0.1:9/x"),
      /would fetch the build's context/,
    ],
    [
      "a cache",
      build(strict, context(`FROM ${good}\n`), `&cachefrom=${encodeURIComponent(JSON.stringify([bad]))}`),
      /nobody signed it/,
    ],
    ["a base that is here", build(strict, context(`FROM ${bad}\n`)), /nobody signed it/],
    ["a compressed context", build(strict, gzipSync(context(`FROM ${bad}\n`))), /nobody signed it/],
    ["a base in pieces", build(strict, context(`FROM ${bad.slice(0, -3)}\\\n${bad.slice(-3)}\n`)), /nobody signed it/],
    ["a flag in pieces", build(strict, context(`FROM ${good}\nCOPY --fr\\om=${bad} /mark /x\n`)), refusal],
    ["a flag in quotes", build(strict, context(`FROM ${good}\nCOPY --"from"=${bad} /mark /x\n`)), refusal],
    ["a space that Go knows", build(strict, context(`FROM ${good}\n\u0085FROM ${bad}\n`)), refusal],
    [
      "a Dockerfile that is a link",
      build(strict, archive(file("real", `FROM ${bad}\n`), symlink("Dockerfile", "real"))),
      /./,
    ],
  ];
  for (const [what, asked, says] of rows) {
    const reply = await asked;
    assert.deepEqual([isTaken(reply), says.test(reply.text)], [false, true], `${what}: ${why(reply)}`);
  }
  const tags = (await left()).filter((what) => what.startsWith("tag:") || what.startsWith("container:"));
  assert.deepEqual(tags, [`tag:${bad}`]);
  await restore(engine.socket, empty);
});

test("a build whose context is compressed, or comes piece by piece, gets the Dockerfile that was judged", {
  skip,
}, async () => {
  const dockerfile = `# syntax=docker/dockerfile:1\nARG TAG=1\nFROM ${good.slice(0, -1)}$TAG\nCOPY . /context\n`;
  for (const body of [context(dockerfile), gzipSync(context(dockerfile))]) {
    const reply = await build(strict, body, "&nocache=1");
    assert.ok(isTaken(reply), why(reply));
    const made = await create(strict, "made:1", { Cmd: ["cat", "/context/Dockerfile", "/mark"] });
    const id = textAt(made.json, "Id");
    await request(strict, "POST", `/containers/${id}/start`);
    await request(strict, "POST", `/containers/${id}/wait`);
    const logs = await request(strict, "GET", `/containers/${id}/logs?stdout=1`);
    assert.match(logs.text, new RegExp(`FROM ${signed.config.digest}[^]*good`));
    await restore(engine.socket, empty);
  }
});

test("CVE-2014-9358, CVE-2014-9356, CVE-2014-9357: what archives say of paths, links and compression is not believed when they are loaded", {
  skip,
}, async () => {
  const made = makeOciImage();
  const load = (body: Buffer): Promise<Reply> =>
    request(strict, "POST", "/images/load", { body, headers: { "Content-Type": "application/x-tar" } });
  const json = JSON.stringify([{ Config: "../../../etc/passwd", RepoTags: ["a:1"], Layers: ["../../x/layer.tar"] }]);
  const rows = [
    ["a config outside of the archive", archive(file("manifest.json", json))],
    [
      "an id that is a path",
      archive(file("../../../tmp/evil/json", "{}"), file("repositories", '{"a":{"1":"../../../tmp/evil"}}')),
    ],
    [
      "a layer that is a link out",
      archive(
        symlink("layer.tar", "/etc/shadow"),
        file("manifest.json", JSON.stringify([{ Config: "c.json", RepoTags: null, Layers: ["layer.tar"] }])),
      ),
    ],
    ["a version that is a link out", archive(symlink("a/VERSION", "/etc/passwd"), file("manifest.json", json))],
    ["compressed with xz", Buffer.concat([Buffer.from("fd377a585a0000", "hex"), Buffer.alloc(2000)])],
  ] as const;
  for (const [what, body] of rows) {
    const reply = await load(body);
    assert.deepEqual([isTaken(reply), await left()], [false, []], `${what}: ${why(reply)}`);
  }
  const honest = await load(savedArchive(made));
  assert.ok(isTaken(honest), why(honest));
  await restore(engine.socket, empty);
});

test("a plugin that has to be signed is not installed where the engine would end when asked for what was signed", {
  skip,
}, async () => {
  const repository = registry.repository("plugin");
  const plugin = makePlugin();
  pushPlugin(repository, plugin);
  await repository.sign(release, plugin.manifest);
  const name = `${repository.name}:1`;
  const install = (remote: string): Promise<Reply> =>
    request(strict, "POST", `/plugins/pull?remote=${remote}&name=mine:1`, { body: [], timeoutMs: 60_000 });
  const [tagged, pinned] = [await install(name), await install(`${name}@${plugin.manifest.digest}`)];
  const none = await request(engine.socket, "GET", "/plugins");
  assert.deepEqual([tagged.status, pinned.status, none.json], [403, 403, []]);
  assert.match(tagged.text, /pulls plugins only by a tag that may move/);
  // Engines of the 20.10 line end with a panic.
  assert.match(pinned.text, /a plugin that is asked for by digest ends an engine of version 20\.10/);
});

/** @returns why there is none; "" when there is one */
async function startSwarm(): Promise<string> {
  const swarm = await request(engine.socket, "POST", "/swarm/init", {
    body: { ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1:2377" },
    timeoutMs: 60_000,
  });
  return swarm.status === 200 || swarm.text.includes("already part of a swarm") ? "" : why(swarm);
}

test("a service runs the digest that was judged, on every node", { skip }, async (t) => {
  const swarm = await startSwarm();
  if (swarm !== "") return t.skip(`no swarm here: ${swarm}`);
  const spec = (image: string): object => ({
    Name: "web",
    TaskTemplate: { ContainerSpec: { Image: image } },
    Mode: { Replicated: { Replicas: 0 } },
  });
  const refused = await request(strict, "POST", "/services/create", { body: spec(bad) });
  const made = await request(strict, "POST", "/services/create", { body: spec(good) });
  const id = textAt(made.json, "ID");
  const found = await request(engine.socket, "GET", `/services/${id}`);
  const version = String(at(found.json, "Version", "Index"));
  const update = await request(strict, "POST", `/services/${id}/update?version=${version}`, { body: spec(bad) });
  assert.deepEqual(
    [refused.status, made.status, at(found.json, "Spec", "TaskTemplate", "ContainerSpec", "Image"), update.status],
    [403, 201, `${good}@${signed.manifest.digest}`, 403],
    why(update),
  );
  await restore(engine.socket, empty);
});

test("a service goes back to what it ran before only when that is signed, by whatever way it goes back", {
  skip,
}, async (t) => {
  const swarm = await startSwarm();
  if (swarm !== "") return t.skip(`no swarm here: ${swarm}`);
  const spec = (name: string, image: string, more: object = {}): object => ({
    Name: name,
    TaskTemplate: { ContainerSpec: { Image: image } },
    Mode: { Replicated: { Replicas: 0 } },
    ...more,
  });
  const changeOnce = async (socket: string, name: string, body: object, query: string): Promise<Reply> => {
    const { json } = await request(engine.socket, "GET", `/services/${name}`);
    const version = String(at(json, "Version", "Index"));
    return request(socket, "POST", `/services/${name}/update?version=${version}${query}`, { body });
  };
  // The swarm changes a service too while it rolls out.
  const change = (socket: string, name: string, body: object, query = ""): Promise<Reply> =>
    eventually(
      () => changeOnce(socket, name, body, query),
      ({ text }) => !text.includes("out of sequence"),
    );
  const image = async (name: string): Promise<unknown> => {
    const { json } = await request(engine.socket, "GET", `/services/${name}`);
    return at(json, "Spec", "TaskTemplate", "ContainerSpec", "Image");
  };
  const pinned = `${good}@${signed.manifest.digest}`;
  const rolls = { UpdateConfig: { FailureAction: "rollback", Parallelism: 1 } };
  // Around the gate: an image that nobody signed, and one that somebody did, by its tag alone.
  const [worst, byTag, best] = ["worst", "tagged", "best"];
  await request(engine.socket, "POST", "/services/create", { body: spec(worst, bad) });
  await request(engine.socket, "POST", "/services/create", { body: spec(byTag, good) });
  await request(strict, "POST", "/services/create", { body: spec(best, good) });
  const failing = [];
  for (const name of [worst, byTag, best]) failing.push(await change(strict, name, spec(name, good, rolls)));
  for (const name of [worst, byTag, best]) await change(strict, name, spec(name, good, { Labels: { turn: "2" } }));
  const back = [];
  for (const name of [worst, byTag, best])
    back.push(await change(strict, name, spec(name, good), "&rollback=previous"));
  assert.deepEqual(
    [failing.map(({ status }) => status), back.map(({ status }) => status), await image(worst), await image(best)],
    [[403, 403, 200], [403, 403, 200], pinned, pinned],
    [...failing, ...back].map(why).join("\n"),
  );
  assert.match(back[0] === undefined ? "" : why(back[0]), /nobody signed it/);
  assert.match(back[1] === undefined ? "" : why(back[1]), /a name that may have moved by then/);
  await restore(engine.socket, empty);
  return undefined;
});

test("where nothing is refused the call passes as it came, and the record says what would have been", {
  skip,
}, async () => {
  const since = Date.now();
  const pulled = await pull(watched, bad);
  const made = await create(watched, bad);
  const built = await pull(watched, good);
  assert.deepEqual([isTaken(pulled), made.status, isTaken(built)], [true, 201, true]);
  const records = await gate.recorded(since);
  assert.deepEqual(
    records.map(({ action, wouldDeny, rules }) => [action, wouldDeny, rules[0]?.id ?? ""]),
    [
      ["image.pull", true, `trust/${registry.host}/*`],
      ["container.create", true, `trust/${registry.host}/*`],
      ["image.pull", false, "baseline/named-callers"],
    ],
  );
  await restore(engine.socket, empty);
});

test("where nothing is refused a build goes on, and its record says of which image in its Dockerfile nobody vouches", {
  skip,
}, async () => {
  const since = Date.now();
  const rows = [
    [watched, `FROM ${good}\n`],
    [watched, `FROM ${good}\nCOPY --from=${bad} /mark /again\n`],
    [watched, `FROM ${bad}\n`],
    [free, `FROM ${bad}\n`],
  ] as const;
  // Some are here, some are pulled by the engine itself.
  await pull(engine.socket, bad);
  for (const [socket, dockerfile] of rows) {
    const reply = await build(socket, gzipSync(context(dockerfile)));
    assert.ok(isTaken(reply), why(reply));
  }
  const records = (await gate.recorded(since)).filter(({ action }) => action === "image.build");
  assert.deepEqual(
    records.map(({ wouldDeny, rules, reason }) => [
      wouldDeny,
      rules.at(-1)?.id,
      /nobody signed it; needs a signature by release/.test(reason),
    ]),
    [
      [false, "baseline/named-callers", false],
      [true, `trust/${registry.host}/*`, true],
      [true, `trust/${registry.host}/*`, true],
      [false, "grant/image.unsigned", true],
    ],
  );
  await restore(engine.socket, empty);
});

test("who holds the grant image.unsigned is not kept from anything, and the record names the grant", {
  skip,
}, async () => {
  const since = Date.now();
  assert.ok(isTaken(await pull(free, bad)));
  assert.equal((await create(free, bad)).status, 201);
  const records = await gate.recorded(since);
  assert.deepEqual(
    records.map(({ verdict, rules, reason }) => [
      verdict,
      rules.at(-1)?.id,
      /let in by the grant image\.unsigned: nobody signed it/.test(reason),
    ]),
    [
      ["allow", "grant/image.unsigned", true],
      ["allow", "grant/image.unsigned", true],
    ],
  );
  await restore(engine.socket, empty);
});
