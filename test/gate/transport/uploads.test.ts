import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { EngineRequest } from "../../../src/gate/call.ts";
import { Refusal } from "../../../src/gate/refusal.ts";
import { dockerfileReferences } from "../../../src/gate/uploads/dockerfile-references.ts";
import { archiveTags, imageDocuments } from "../../../src/gate/uploads/image-tags.ts";
import { inspectTar } from "../../../src/gate/uploads/inspect-tar.ts";
import type { TarSummary } from "../../../src/gate/uploads/inspected-tar.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../../support/engine.ts";
import { request } from "../../support/http.ts";
import { makeImage } from "../../support/images.ts";
import { textAt } from "../../support/json.ts";
import { type TarFile, tar } from "../../support/tar.ts";
import { openDoor, type Serve } from "./support.ts";

const skip = whyNoEngine() ?? false;
let engine: TestEngine;
let victimId: string;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  victimId = await makeImage(engine.socket, { reference: "victim:1" });
  await makeImage(engine.socket, { reference: "mine:1", files: [{ name: "mine", data: "mine" }] });
});
after(() => engine?.close());

function refuse(reason: string): never {
  throw new Refusal({ code: "ACCESS_DENIED", status: 403, rule: "test/upload", reason, hint: "do not" });
}

/** A small pipeline: images named `victim` may neither be set by a load nor be read by a build. */
const judged: Serve = async (exchange, record) => {
  const { method, target } = exchange.head;
  const isLoad = target.includes("/images/load");
  const onSummary = async (summary: TarSummary): Promise<void> => {
    const dockerfile = summary.documents.get("Dockerfile") ?? new Uint8Array();
    const names = isLoad ? archiveTags(summary) : dockerfileReferences(dockerfile).images;
    if (names.some((name) => name.includes("victim"))) refuse(`${names.join(" ")} is not yours`);
  };
  const documents = isLoad ? imageDocuments : ["Dockerfile", "dockerfile"];
  const inspect = inspectTar({ documents, isStrict: true, onSummary });
  const body: EngineRequest["body"] = { kind: "stream", inspect };
  try {
    return await exchange.forward(
      { method, target, headers: { "content-type": "application/x-tar" }, body },
      { kind: "pass" },
      record,
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return await exchange.refuse(error.status, error.message);
  }
};

async function idOf(reference: string): Promise<string> {
  return textAt((await request(engine.socket, "GET", `/images/${reference}/json`)).json, "Id");
}

async function imageCount(): Promise<number> {
  const { json } = await request(engine.socket, "GET", "/images/json?all=1");
  return Array.isArray(json) ? json.length : -1;
}

test("an image archive that re-points another's tag leaves the engine as it was, one that does not is loaded", {
  skip,
}, async (t) => {
  const door = await openDoor(t, engine.socket, judged);
  const archive = (await request(engine.socket, "GET", "/images/mine:1/get")).body;
  const hostile = rename(archive, "mine:1", "victim:1");
  const before = await imageCount();
  const refused = await Promise.all(
    [hostile, gzipSync(hostile)].map((body) => request(door.socket, "POST", "/v1.41/images/load", { body })),
  );
  const kept = [await idOf("victim:1"), await imageCount()];
  const loaded = await request(door.socket, "POST", "/v1.41/images/load", {
    body: rename(archive, "mine:1", "other:1"),
  });
  assert.deepEqual(
    [
      refused.map(({ status, text }) => [status, text.includes("victim:1 is not yours")]),
      kept,
      loaded.status,
      await idOf("other:1"),
    ],
    [
      [
        [403, true],
        [403, true],
      ],
      [victimId, before],
      200,
      await idOf("mine:1"),
    ],
  );
});

test("a build that reads another's image is refused after its context went by, and makes nothing", {
  skip,
}, async (t) => {
  const door = await openDoor(t, engine.socket, judged);
  const padding: TarFile = { name: "big", data: new Uint8Array(3_000_000) };
  const build = (files: readonly TarFile[]) =>
    request(door.socket, "POST", "/v1.41/build?t=built:1&networkmode=none&rm=1", {
      body: tar(files),
      headers: { "Content-Type": "application/x-tar" },
    });
  const before = await imageCount();
  const refused = [
    await build([padding, { name: "Dockerfile", data: "FROM mine:1\nCOPY --from=victim:1 /bin /stolen\n" }]),
    await build([
      { name: "Dockerfile", data: "FROM mine:1\n" },
      padding,
      { name: "./Dockerfile", data: "FROM victim:1\n" },
    ]),
    await build([{ name: "Dockerfile", data: "FROM victim:1\n" }]),
  ];
  const count = await imageCount();
  const allowed = await build([padding, { name: "Dockerfile", data: "FROM mine:1\nCOPY big /big\n" }]);
  assert.deepEqual(
    [refused.map(({ status }) => status), count, allowed.status, /Successfully tagged built:1/.test(allowed.text)],
    [[403, 400, 403], before, 200, true],
  );
});

/** The archive with another tag in its manifest.json and repositories; everything else stays. */
function rename(archive: Buffer, from: string, to: string): Buffer {
  const files: TarFile[] = [];
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const name = archive.toString("latin1", at, at + 100).replace(/\0.*$/s, "");
    const size = Number.parseInt(archive.toString("latin1", at + 124, at + 135), 8);
    const type = String.fromCharCode(archive[at + 156] ?? 48);
    const data = archive.subarray(at + 512, at + 512 + size);
    const isNaming = name === "manifest.json";
    if (name !== "repositories")
      files.push({ name, type, data: isNaming ? data.toString().replaceAll(from, to) : data });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return tar(files);
}
