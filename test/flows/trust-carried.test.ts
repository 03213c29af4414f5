// A signed image on a host that reaches no registry: saved on another, its signatures exported beside it, loaded through the gate.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, beforeEach, before as prepare, test } from "node:test";
import { program } from "../cli/installation.ts";
import { newPair } from "../judges/scene.ts";
import { whyNoEngine } from "../support/engine.ts";
import type { TestGate } from "../support/gate.ts";
import { archive, file, member } from "../support/hostile-tar.ts";
import { type Reply, request } from "../support/http.ts";
import { textAt } from "../support/json.ts";
import { startLoopbackRegistry } from "../support/loopback-registry.ts";
import {
  describe,
  indexOf,
  type MadeImage,
  makeOciImage,
  newSavedArchive,
  savedArchive,
  types,
} from "../support/oci-image.ts";
import { added, restore, type Snapshot, takeSnapshot } from "../support/snapshot.ts";
import { create, openFolder, openTrustScene, runnableImage, type TrustScene } from "../support/trust-scene.ts";

const skip = whyNoEngine() ?? false;
const closers: (() => Promise<void> | void)[] = [];
const context = { after: (work: () => Promise<void> | void) => closers.push(work) };
const name = "signatures.plimsoll.json";
let scene: TrustScene;
let gate: TestGate;
let empty: Snapshot;
let folder = "";
let good: MadeImage;
let bad: MadeImage;
let registry: { readonly close: () => Promise<void> };

prepare(async () => {
  if (skip !== false) return;
  folder = openFolder(context);
  let close: (() => Promise<void>) | undefined;
  const host = await startLoopbackRegistry({
    after(work) {
      close = work;
    },
  });
  registry = { close: async () => await close?.() };
  scene = await openTrustScene(context, host);
  [good, bad] = [await runnableImage("good"), await runnableImage("bad")];
  await scene.push("1", good);
  await scene.sign(good);
  await scene.push("2", bad);
  await scene.sign(bad, {}, newPair());
  for (const tag of ["1", "2"]) exportTo(tag);
  // From here on nobody answers there.
  await registry.close();
  gate = await scene.gate({ local: "deny" });
  closers.push(gate.close);
  empty = await takeSnapshot(scene.engine.socket);
});

beforeEach(async () => {
  if (skip === false) await restore(scene.engine.socket, empty);
});

after(async () => {
  for (const close of closers.toReversed()) await close();
});

const image = (tag: string): string => `${scene.host}/app:${tag}`;
const exported = (tag: string): string => readFileSync(join(folder, tag), "utf8");

function exportTo(tag: string): void {
  const words = ["trust", "export", image(tag), "--output", join(folder, tag), "--insecure-registry", scene.host];
  execFileSync(process.execPath, [program, ...words], { stdio: "pipe" });
}

/** As `tar --append` does it: before the two blocks of noughts. */
function carrying(before: Buffer, text: string): Buffer {
  const tar = join(folder, "saved.tar");
  writeFileSync(tar, before);
  writeFileSync(join(folder, name), text);
  execFileSync("tar", ["--append", "--file", tar, "--directory", folder, name]);
  return readFileSync(tar);
}

type Save = (made: MadeImage, tag: string) => Buffer;
const saved: Save = (made, tag) => savedArchive(made, { RepoTags: [image(tag)] });
/** With a layout beside, which says the same. */
const savedNew: Save = (made, tag) => {
  const named = { annotations: { "io.containerd.image.name": image(tag) } };
  return newSavedArchive(made, { RepoTags: [image(tag)] }, indexOf(describe(made.manifest, types.manifest, named)));
};

const load = (body: Buffer, socket = gate.socket): Promise<Reply> =>
  request(socket, "POST", "/images/load", {
    ...{ body, headers: { "Content-Type": "application/x-tar" }, timeoutMs: 60_000 },
  });
const isTaken = ({ status, text }: Reply): boolean => status === 200 && !text.includes('"errorDetail"');
const left = async (): Promise<readonly string[]> => added(empty, await takeSnapshot(scene.engine.socket));

test("an archive with its signatures is loaded and run where no registry answers, however it was saved, also after a restart", {
  skip,
}, async () => {
  for (const save of [saved, savedNew]) {
    const reply = await load(carrying(save(good, "1"), exported("1")));
    const there = [`image:${good.config.digest}`, `tag:${image("1")}`];
    assert.deepEqual([isTaken(reply), await left()], [true, there], reply.text);
    await gate.kill();
    await gate.start();
    const made = await create(gate.socket, image("1"));
    assert.equal(made.status, 201, made.text);
    const id = textAt(made.json, "Id");
    await request(gate.socket, "POST", `/containers/${id}/start`);
    await request(gate.socket, "POST", `/containers/${id}/wait`);
    const logs = await request(gate.socket, "GET", `/containers/${id}/logs?stdout=1`);
    assert.match(logs.text, /good/);
    await restore(scene.engine.socket, empty);
  }
});

test("an archive without signatures, with a stranger's, or with those of another image, is not loaded, and nothing stays", {
  skip,
}, async () => {
  const own = exported("1");
  const flipped = JSON.parse(own);
  const [blob = ""] = Object.keys(flipped.images[0].blobs);
  flipped.images[0].blobs[blob] = Buffer.from("{}").toString("base64");
  const renamed = JSON.parse(own);
  renamed.images[0].name = image("3");
  const elsewhere = own.replaceAll(`${scene.host}/app`, `${scene.host}/other`);
  const rows: readonly (readonly [string, Buffer, RegExp])[] = [
    ["none", saved(good, "1"), /made or loaded on this host and nobody signed it/],
    ["a stranger's", carrying(saved(bad, "2"), exported("2")), /needs a signature by release/],
    ["another image's", carrying(saved(bad, "1"), own), /made or loaded on this host/],
    ["another name", carrying(saved(good, "9"), own), /made or loaded on this host/],
    ["a second image", carrying(archive(...twoImages()), own), /made or loaded on this host/],
    ["altered", carrying(saved(good, "1"), JSON.stringify(flipped)), /expected sha256:|needs a signature by release/],
    [
      "a tag that was never asked for",
      carrying(saved(good, "3"), JSON.stringify(renamed)),
      /the registry has no 3|NOT_FOUND/,
    ],
    ["another repository", carrying(saved(good, "1"), elsewhere), /./],
    [
      "another name in the layout",
      carrying(newSavedArchive(good, { RepoTags: [image("1")] }), own),
      /made or loaded on this host/,
    ],
    ["no JSON", carrying(saved(good, "1"), "{"), /signatures\.plimsoll\.json|JSON/],
    [
      "a key twice",
      carrying(saved(good, "1"), own.replace('"version":"1"', '"version":"1","version":"1"')),
      /twice|duplicate/,
    ],
  ];
  for (const [what, body, says] of rows) {
    const reply = await load(body);
    assert.deepEqual([isTaken(reply), await left()], [false, []], `${what}: ${reply.text}`);
    assert.match(reply.text, says, what);
  }
});

/** The good image, and another beside it. */
function twoImages(): readonly Buffer[] {
  const entry = ({ config, layers }: MadeImage, tag: string) => ({
    Config: `${config.digest.slice(7)}.json`,
    RepoTags: [image(tag)],
    Layers: layers.map(({ digest }) => `${digest.slice(7)}.tar`),
  });
  return [
    ...[good, bad].flatMap(({ config, layers }) => [
      member({ name: `${config.digest.slice(7)}.json`, data: config.bytes }),
      ...layers.map(({ digest, tar }) => member({ name: `${digest.slice(7)}.tar`, data: tar })),
    ]),
    file("manifest.json", JSON.stringify([entry(good, "1"), entry(bad, "1")])),
  ];
}

test("an archive whose config is not what its path says comes in as something else, and goes again", {
  skip,
}, async () => {
  const other = makeOciImage({ tars: good.layers.map(({ tar }) => tar), config: { author: "evil" } });
  const config = `${good.config.digest.slice(7)}.json`;
  const layers = good.layers.map(({ digest }) => `${digest.slice(7)}.tar`);
  const body = archive(
    ...good.layers.map(({ tar }, at) => member({ name: layers[at] ?? "", data: tar })),
    member({ name: config, data: other.config.bytes }),
    file("manifest.json", JSON.stringify([{ Config: config, RepoTags: [image("1")], Layers: layers }])),
  );
  const reply = await load(carrying(body, exported("1")));
  assert.deepEqual([isTaken(reply), await left()], [false, []], reply.text);
});

test("what is revoked, or set back, is not loaded by signatures of before", { skip }, async () => {
  const trustFile = join(gate.folder, "trust.yaml");
  const text = readFileSync(trustFile, "utf8");
  const digests = [good.config.digest];
  writeFileSync(trustFile, JSON.stringify({ ...JSON.parse(text), revoked: { digests } }));
  await gate.kill();
  await gate.start();
  const reply = await load(carrying(saved(good, "1"), exported("1")));
  writeFileSync(trustFile, text);
  await gate.kill();
  await gate.start();
  assert.deepEqual([isTaken(reply), await left()], [false, []], reply.text);
  assert.match(reply.text, /is revoked in the trust file/);
});
