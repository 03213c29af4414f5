// A layout of cosign save before Docker 28 with containerd's image store, which loads layouts without manifest.json: the signatures in it decide.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newPair } from "../judges/scene.ts";
import { whyNoEngine } from "../support/engine.ts";
import { startGate } from "../support/gate.ts";
import { file } from "../support/hostile-tar.ts";
import { type Reply, request } from "../support/http.ts";
import { textAt } from "../support/json.ts";
import { startNewerEngine } from "../support/newer-engine.ts";
import { describe, indexOf, makeBlob, types } from "../support/oci-image.ts";
import { enterOwnNetwork } from "../support/own-network.ts";
import {
  blobsOf,
  kept,
  type LayoutParts,
  layoutArchive,
  listedSignatures,
  named,
  signaturesOf,
} from "../support/signed-layout.ts";
import { added, takeSnapshot } from "../support/snapshot.ts";
import { create, runnableImage, trustFileText } from "../support/trust-scene.ts";

const skip = whyNoEngine() ?? false;
if (skip === false) enterOwnNetwork();

const host = "127.0.0.1:9";
const isTaken = ({ status, text }: Reply): boolean => status === 200 && !text.includes('"errorDetail"');

test("a saved layout is loaded and run by its signatures, and nothing that hides in it", { skip }, async (t) => {
  const engine = await startNewerEngine("docker", ["--bridge=none", "--iptables=false", "--ip6tables=false"], {
    ...{ sharesNetwork: true, settings: { features: { "containerd-snapshotter": true } } },
  });
  if ("why" in engine) return t.skip(engine.why);
  t.after(engine.close);
  const release = newPair();
  const gate = await startGate(engine, {
    files: { "trust.yaml": trustFileText(host, release, { local: "deny" }) },
    configuration: { admission: { enabled: "no", trustFile: "$FOLDER/trust.yaml" } },
  });
  t.after(gate.close);
  const [good, bad] = [await runnableImage("good"), await runnableImage("bad")];
  const repository = `${host}/app`;
  const classic = await signaturesOf(good, { repository, by: release, format: "cosign" });
  const foreign = await signaturesOf(good, { repository, by: newPair(), format: "cosign" });
  const bundle = await signaturesOf(good, { repository, by: release });
  const saved = (store: typeof classic): LayoutParts => ({
    entries: [kept(good.manifest, "image"), ...listedSignatures(store)],
    blobs: [...good.blobs, ...blobsOf(store)],
  });
  const own = saved(classic);
  const platform = { platform: { os: "linux", architecture: "amd64" } };
  const around = makeBlob(indexOf(describe(bad.manifest, types.manifest, platform)));
  const called = { entries: [named(good.manifest, `${host}/app:1`)], blobs: [...good.blobs, ...blobsOf(bundle)] };
  const hidden = (entry: object, ...extra: readonly Buffer[]): LayoutParts => ({
    ...{ entries: [...own.entries, entry], blobs: [...own.blobs, ...bad.blobs, around], extra },
  });
  const bent: Readonly<Record<string, LayoutParts>> = {
    unsigned: { entries: [kept(good.manifest, "image")], blobs: good.blobs },
    "a stranger's": saved(foreign),
    "another image": hidden(kept(bad.manifest, "image")),
    "another that says it is a signature": hidden(kept(bad.manifest, "sigs")),
    "an index that says it is a signature": hidden(kept(around, "sigs", types.index)),
    "an official name": { ...own, entries: [named(good.manifest, "docker.io/library/busybox:latest")] },
    "an official name besides": hidden(named(good.manifest, "docker.io/library/busybox:latest")),
    "folders of old engines": { ...own, extra: [file("abc/json", "{}")] },
  };
  const load = (parts: LayoutParts): Promise<Reply> =>
    request(gate.socket, "POST", "/images/load", {
      ...{ body: layoutArchive(parts), headers: { "Content-Type": "application/x-tar" }, timeoutMs: 60_000 },
    });
  const empty = await takeSnapshot(engine.socket);
  for (const [what, parts] of Object.entries(bent)) {
    const reply = await load(parts);
    assert.deepEqual(
      [isTaken(reply), added(empty, await takeSnapshot(engine.socket))],
      [false, []],
      `${what}: ${reply.text}`,
    );
  }
  const byId = await load(own);
  const made = await create(gate.socket, good.manifest.digest);
  const byName = await load(called);
  const other = await create(gate.socket, `${host}/app:1`);
  const statuses = [isTaken(byId), made.status, isTaken(byName), other.status];
  assert.deepEqual(statuses, [true, 201, true, 201], [byId, made, byName, other].map(({ text }) => text).join("\n"));
  const id = textAt(made.json, "Id");
  await request(gate.socket, "POST", `/containers/${id}/start`);
  await request(gate.socket, "POST", `/containers/${id}/wait`);
  assert.match((await request(gate.socket, "GET", `/containers/${id}/logs?stdout=1`)).text, /good/);
});
