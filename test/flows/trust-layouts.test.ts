// OCI layouts with signatures in them, loaded through the gate where no registry answers: as cosign save and oras leave them (with
// manifest.json besides, which this engine needs), and as an attacker would bend them.

import assert from "node:assert/strict";
import { after, beforeEach, before as prepare, test } from "node:test";
import { newPair, type Pair, pemOf } from "../judges/scene.ts";
import { whyNoEngine } from "../support/engine.ts";
import type { TestGate } from "../support/gate.ts";
import { file } from "../support/hostile-tar.ts";
import { type Reply, request } from "../support/http.ts";
import { textAt } from "../support/json.ts";
import { type Blob, describe, indexOf, type MadeImage, makeBlob, types } from "../support/oci-image.ts";
import {
  blobsOf,
  kept,
  type LayoutParts,
  layoutArchive,
  listedSignatures,
  named,
  type Signing,
  savedEntry,
  signaturesOf,
} from "../support/signed-layout.ts";
import { added, restore, type Snapshot, takeSnapshot } from "../support/snapshot.ts";
import { create, openTrustScene, runnableImage, type TrustScene } from "../support/trust-scene.ts";

const skip = whyNoEngine() ?? false;
const closers: (() => Promise<void> | void)[] = [];
const context = { after: (work: () => Promise<void> | void) => closers.push(work) };
/** Nobody answers there. */
const host = "127.0.0.1:9";
const name = `${host}/app:1`;
let scene: TrustScene;
let gate: TestGate;
let empty: Snapshot;
let good: MadeImage;
let bad: MadeImage;
let stranger: Pair;

prepare(async () => {
  if (skip !== false) return;
  scene = await openTrustScene(context, host);
  stranger = newPair();
  [good, bad] = [await runnableImage("good"), await runnableImage("bad")];
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

const load = (body: Buffer, socket = gate.socket): Promise<Reply> =>
  request(socket, "POST", "/images/load", {
    ...{ body, headers: { "Content-Type": "application/x-tar" }, timeoutMs: 60_000 },
  });
const isTaken = ({ status, text }: Reply): boolean => status === 200 && !text.includes('"errorDetail"');
const left = async (): Promise<readonly string[]> => added(empty, await takeSnapshot(scene.engine.socket));

type Sort = "named" | "as cosign save does it" | "referrers listed in the index";

/** The image, what somebody signed, and a way to list both. */
async function layoutOf(image: MadeImage, sort: Sort, signing: Partial<Signing> = {}): Promise<LayoutParts> {
  const store = await signaturesOf(image, { repository: `${host}/app`, by: scene.release, ...signing });
  const blobs = [...image.blobs, ...blobsOf(store)];
  if (sort === "as cosign save does it") {
    const entries = [kept(image.manifest, "image"), ...listedSignatures(store)];
    return { entries, blobs, saved: [savedEntry(image)] };
  }
  const referrers = [...store.manifests.values()].map(({ bytes }) => makeBlob(Buffer.from(bytes)));
  const listed = sort === "named" ? [] : referrers.map((one) => describe(one, types.manifest));
  return { entries: [named(image.manifest, name), ...listed], blobs, saved: [savedEntry(image, name)] };
}

test("a layout with its signatures is loaded and run where no registry answers, whoever wrote it", {
  skip,
}, async () => {
  const rows: readonly (readonly [Sort, Partial<Signing>])[] = [
    ["named", {}],
    ["referrers listed in the index", {}],
    ["as cosign save does it", { format: "cosign" }],
    ["as cosign save does it", {}],
  ];
  for (const [sort, signing] of rows) {
    const reply = await load(layoutArchive(await layoutOf(good, sort, signing)));
    const isNamed = sort !== "as cosign save does it";
    const there = [`image:${good.config.digest}`, ...(isNamed ? [`tag:${name}`] : [])];
    assert.deepEqual([isTaken(reply), await left()], [true, there], `${sort}: ${reply.text}`);
    const made = await create(gate.socket, isNamed ? name : good.config.digest);
    assert.equal(made.status, 201, made.text);
    const id = textAt(made.json, "Id");
    await request(gate.socket, "POST", `/containers/${id}/start`);
    await request(gate.socket, "POST", `/containers/${id}/wait`);
    const logs = await request(gate.socket, "GET", `/containers/${id}/logs?stdout=1`);
    assert.match(logs.text, /good/, sort);
    await restore(scene.engine.socket, empty);
  }
});

test("an index in a layout is good for its image when the index is signed", { skip }, async () => {
  const entry = describe(good.manifest, types.manifest, { platform: { os: "linux", architecture: "amd64" } });
  const index = makeBlob(indexOf(entry));
  const parts = await layoutOf(good, "named", { of: index, type: types.index });
  const listed = { ...parts, entries: [named(index, name, types.index)], blobs: [...parts.blobs, index] };
  const reply = await load(layoutArchive(listed));
  assert.deepEqual([isTaken(reply), (await left()).length], [true, 2], reply.text);
});

type Row = readonly [what: string, parts: LayoutParts, says: RegExp];
const local = /made or loaded on this host/;

test("a layout whose signatures are of something else, by somebody else, or bent, is not loaded, and nothing stays", {
  skip,
}, async () => {
  const own = await layoutOf(good, "named");
  const kind = "as cosign save does it";
  const classic = await layoutOf(good, kind, { format: "cosign" });
  const ofBad = await layoutOf(bad, "named");
  const classicOfBad = await layoutOf(bad, kind, { format: "cosign" });
  const rows: readonly Row[] = [
    ["no signature", { ...own, blobs: good.blobs }, local],
    ["another digest's referrer", { ...own, blobs: [...good.blobs, ...without(ofBad.blobs, bad.blobs)] }, local],
    [
      "another digest's classic signature",
      {
        ...classic,
        entries: [first(classic), ...classicOfBad.entries.slice(1)],
        blobs: [...good.blobs, ...classicOfBad.blobs],
      },
      /over another digest/,
    ],
    ["a forged subject", forgeSubject(ofBad, bad, good), /over another digest/],
    ["an unknown signer", await layoutOf(good, "named", { by: stranger }), /needs a signature by release/],
    [
      "an unknown signer, no name",
      await layoutOf(good, kind, { by: stranger, format: "cosign" }),
      /needs a signature by release/,
    ],
    [
      "for another repository",
      await layoutOf(good, "named", { repository: `${host}/other` }),
      /needs a signature by release/,
    ],
    [
      "an attestation alone",
      await layoutOf(good, "named", { more: { predicateType: "https://slsa.dev/provenance/v1", predicate: {} } }),
      /needs a signature by release/,
    ],
    ["an official name besides", claiming(own, "docker.io/library/busybox:latest"), local],
    [
      "an official name in the index alone",
      { ...own, entries: [...own.entries, named(good.manifest, "docker.io/library/busybox:latest")] },
      /no rule of the trust file covers docker\.io\/library\/busybox/,
    ],
    ["another tag besides", claiming(own, `${host}/app:2`), /./],
    ["an unsigned image besides", besides(own, bad, "both"), local],
    ["an unsigned image in the index alone", besides(own, bad, "index"), local],
    ["an unsigned image in manifest.json alone", besides(own, bad, "saved"), local],
    [
      "an image that calls itself a signature",
      { ...own, entries: [...own.entries, kept(bad.manifest, "sigs")], blobs: [...own.blobs, ...bad.blobs] },
      local,
    ],
    [
      "an entry that is not there",
      { ...own, entries: [...own.entries, describe(makeBlob("nothing"), types.manifest)] },
      local,
    ],
    ["an entry of another size", { ...own, entries: [{ ...named(good.manifest, name), size: 1 }] }, local],
    [
      "both layers and manifests",
      {
        ...own,
        entries: [...own.entries, describe(twoFaces(bad), types.index)],
        blobs: [...own.blobs, ...bad.blobs, twoFaces(bad)],
      },
      local,
    ],
    ["an index around it that nobody signed", aroundUnsigned(own), /./],
    [
      "folders of old engines beside a layout alone",
      { entries: own.entries, blobs: own.blobs, extra: [file("abc/json", "{}"), file("abc/VERSION", "1.0")] },
      local,
    ],
  ];
  for (const [what, parts, says] of rows) {
    const reply = await load(layoutArchive(parts));
    assert.deepEqual([isTaken(reply), await left()], [false, []], `${what}: ${reply.text}`);
    assert.match(reply.text, says, what);
  }
});

const first = ({ entries: [entry = {}] }: LayoutParts): object => entry;

function without(blobs: readonly Blob[], others: readonly Blob[]): readonly Blob[] {
  return blobs.filter(({ digest }) => !others.some((other) => other.digest === digest));
}

/** The referrer of one image, rewritten to speak of another. */
function forgeSubject(parts: LayoutParts, from: MadeImage, to: MadeImage): LayoutParts {
  const forged = without(parts.blobs, from.blobs).map(({ bytes }) => {
    const text = bytes.toString("utf8");
    return text.includes('"subject"')
      ? makeBlob(text.replaceAll(from.manifest.digest, to.manifest.digest))
      : makeBlob(bytes);
  });
  return { entries: [named(to.manifest, name)], blobs: [...to.blobs, ...forged], saved: [savedEntry(to, name)] };
}

function claiming(parts: LayoutParts, more: string): LayoutParts {
  return { ...parts, saved: [savedEntry(good, name, more)] };
}

function besides(parts: LayoutParts, image: MadeImage, where: "both" | "index" | "saved"): LayoutParts {
  const entry = describe(image.manifest, types.manifest);
  return {
    entries: where === "saved" ? parts.entries : [...parts.entries, entry],
    blobs: [...parts.blobs, ...image.blobs],
    saved: where === "index" ? [savedEntry(good, name)] : [savedEntry(good, name), savedEntry(image)],
  };
}

/** One reader sees an artifact, another an index with an image in it. */
function twoFaces(image: MadeImage): Blob {
  const layer = describe(image.config, "application/vnd.dev.cosign.simplesigning.v1+json");
  const artifact = { config: describe(image.config, types.config), layers: [layer] };
  return makeBlob({ ...indexOf(describe(image.manifest, types.manifest)), ...artifact });
}

/** The signed image, and an unsigned one for another machine, in one index under the signed one's name. */
function aroundUnsigned(parts: LayoutParts): LayoutParts {
  const entries = [good, bad].map(({ manifest }, at) =>
    describe(manifest, types.manifest, { platform: { os: "linux", architecture: ["amd64", "arm64"][at] ?? "" } }),
  );
  const index = makeBlob(indexOf(...entries));
  return { ...parts, entries: [named(index, name, types.index)], blobs: [...parts.blobs, ...bad.blobs, index] };
}

test("a flood of referrers and copies of one signature hide nothing and count once", { skip }, async () => {
  const own = await layoutOf(good, "named");
  const idle = Array.from({ length: 2000 }, (_, at) => referrerOf(good, at));
  const flooded = await load(layoutArchive({ ...own, blobs: [...own.blobs, ...idle] }));
  assert.equal(isTaken(flooded), true, flooded.text);
  await restore(scene.engine.socket, empty);
  const alone = await load(layoutArchive({ ...own, blobs: [...good.blobs, ...idle] }));
  const tooMany = Array.from({ length: 5000 }, (_, at) => referrerOf(good, at));
  const buried = await load(layoutArchive({ ...own, blobs: [...tooMany, ...own.blobs] }));
  const replies = [alone, buried].map(isTaken);
  assert.deepEqual([replies, await left()], [[false, false], []], `${alone.text}\n${buried.text}`);
});

/** Of a sort that nobody seeks. */
function referrerOf({ manifest, config }: MadeImage, at: number): Blob {
  return makeBlob({
    ...{ schemaVersion: 2, mediaType: types.manifest, artifactType: "application/vnd.example.idle" },
    ...{ config: describe(config, "application/vnd.oci.empty.v1+json"), layers: [] },
    ...{ subject: describe(manifest, types.manifest), annotations: { at: String(at) } },
  });
}

test("two who have to sign have to be two, however often one's signature lies in the layout", { skip }, async (t) => {
  const [release, security] = [pemOf(scene.release), newPair()];
  const signers = { release: { key: release }, security: { key: pemOf(security) } };
  const rules = [{ scope: `${host}/app`, require: { allOf: ["release", "security"] } }];
  const both = await scene.gate({ local: "deny", signers, rules });
  t.after(both.close);
  const once = await layoutOf(good, "named");
  const twice = await layoutOf(good, "as cosign save does it", { format: "cosign" });
  const copies = {
    ...once,
    entries: [...once.entries, ...twice.entries.slice(1)],
    blobs: [...once.blobs, ...twice.blobs],
  };
  const second = await layoutOf(good, "named", { by: security });
  const whole = { ...copies, blobs: [...copies.blobs, ...second.blobs] };
  const replies = [await load(layoutArchive(copies), both.socket), await load(layoutArchive(whole), both.socket)];
  assert.deepEqual(replies.map(isTaken), [false, true], replies.map(({ text }) => text).join("\n"));
  assert.match(replies[0]?.text ?? "", /signed by release, but needs/);
});
