// The desk where the gate and people ask: names, tags and registries that change between two questions.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSeenCounters } from "../../src/admission/trust/seen-counters.ts";
import { openTrustDesk, type TrustDesk } from "../../src/admission/trust/trust-desk.ts";
import { PlimsollError } from "../../src/base/errors.ts";
import { parseReference } from "../../src/base/reference.ts";
import { openArtifacts } from "../../src/image/registry/artifacts.ts";
import type { ImageLimits } from "../../src/image/source.ts";
import { readTrustFile } from "../../src/trust/file/read-trust-file.ts";
import type { Statement } from "../../src/trust/signature-format.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";
import { tagRecordType } from "../../src/trust/tag-record.ts";
import { newPair, type Pair, pemOf, signerOf } from "../judges/scene.ts";
import { type Misbehaviour, startImageRegistry } from "../support/image-registry.ts";
import { pushImage, pushManifest, startLoopbackRegistry } from "../support/loopback-registry.ts";
import {
  type Blob,
  describe,
  indexOf,
  type MadeImage,
  makeBlob,
  makeOciImage,
  settingsFor,
  types,
} from "../support/oci-image.ts";

type Hall = {
  readonly host: string;
  readonly pair: Pair;
  readonly desk: TrustDesk;
  /** From now on every question to the registry fails. */
  readonly cutOff: () => void;
  sign(blob: Blob, type: string, more?: Partial<Statement>, tag?: string): Promise<void>;
  state(name: string): Promise<string>;
};

async function openHall(
  t: TestContext,
  rule: object = {},
  at: () => number = Date.now,
  there?: string,
  limits: Partial<ImageLimits> = {},
): Promise<Hall> {
  const host = there ?? (await startLoopbackRegistry(t));
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-desk-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const pair = newPair();
  const cut = new AbortController();
  const plain = settingsFor("", { insecureRegistries: [host], signal: cut.signal });
  const settings = { ...plain, limits: { ...plain.limits, ...limits } };
  const rules = [{ scope: `${host}/app`, require: { anyOf: ["release"] }, ...rule }];
  const text = JSON.stringify({ version: "1", signers: { release: { key: pemOf(pair) } }, rules });
  const file = readTrustFile({ name: "test", text, readFile: (name) => name });
  const desk = openTrustDesk({ file, settings, counters: openSeenCounters(folder), nowMs: at });
  return {
    ...{ host, pair, desk, cutOff: () => cut.abort() },
    async sign({ digest, bytes }, mediaType, more = {}, tag = "") {
      const store = openArtifacts(parseReference(`${host}/app`), settings, "pull,push");
      const subject = { digest, mediaType, size: bytes.length, repository: `${host}/app`, tag };
      await sigstoreBundle.write?.({ subject, predicateType: "", predicate: null, ...more }, signerOf(pair), store);
    },
    async state(name) {
      return (await desk.judge(parseReference(`${host}/app${name}`))).verdict.state;
    },
  };
}

const two = (): readonly MadeImage[] => ["one", "two"].map((author) => makeOciImage({ config: { author } }));
const platform = { platform: { os: "linux", architecture: "amd64" } };

test("M8, S4: a tag that is moved to an image that nobody signed is refused, and so is the digest behind it", async (t) => {
  const hall = await openHall(t);
  const [good = makeOciImage(), bad = makeOciImage()] = two();
  await pushImage(hall.host, "app", "1", good);
  await hall.sign(good.manifest, types.manifest);
  const before = await hall.desk.judge(parseReference(`${hall.host}/app:1`));
  await pushImage(hall.host, "app", "1", bad);
  const after = await hall.desk.judge(parseReference(`${hall.host}/app:1`));
  assert.deepEqual(
    [before.verdict.state, before.subject.digest, after.verdict.state, after.subject.digest],
    ["trusted", good.manifest.digest, "unsigned", bad.manifest.digest],
  );
  assert.deepEqual(
    [await hall.state(`@${good.manifest.digest}`), await hall.state(`@${bad.manifest.digest}`)],
    ["trusted", "unsigned"],
  );
});

test("S5, S6: a signed image in an index that nobody signed is not trusted by the index's name; a signed index vouches for its images", async (t) => {
  const hall = await openHall(t);
  const [good = makeOciImage(), bad = makeOciImage()] = two();
  await pushImage(hall.host, "app", "good", good);
  await pushImage(hall.host, "app", "bad", bad);
  const around = makeBlob(indexOf(describe(good.manifest, types.manifest, platform)));
  const signed = makeBlob(indexOf(describe(bad.manifest, types.manifest, platform)));
  await pushManifest(hall.host, "app", "around", around.bytes, types.index);
  await pushManifest(hall.host, "app", "signed", signed.bytes, types.index);
  await hall.sign(good.manifest, types.manifest);
  await hall.sign(signed, types.index);
  assert.deepEqual(
    [await hall.state(":around"), await hall.state(":signed"), await hall.state(":bad")],
    ["unsigned", "trusted", "unsigned"],
  );
  const judged = await hall.desk.judge(parseReference(`${hall.host}/app:signed`));
  assert.deepEqual([judged.manifestDigest, judged.configDigest], [bad.manifest.digest, bad.config.digest]);
});

test("S3: a signature that was copied into another repository does not count there", async (t) => {
  const hall = await openHall(t, {});
  const [good = makeOciImage()] = two();
  await pushImage(hall.host, "app", "1", good);
  await hall.sign(good.manifest, types.manifest, {
    subject: {
      ...{ digest: good.manifest.digest, mediaType: types.manifest, size: good.manifest.bytes.length },
      ...{ repository: `${hall.host}/another`, tag: "" },
    },
  });
  assert.equal(await hall.state(":1"), "untrusted");
});

test("rollback and freeze: a tag that is set back, or whose record has ended, is out of date; the counter survives a restart", async (t) => {
  let now = Date.parse("2026-01-01");
  const hall = await openHall(t, { freshness: { tagRecord: true } }, () => now);
  const [older = makeOciImage(), newer = makeOciImage()] = two();
  const record = async (image: MadeImage, counter: number): Promise<void> => {
    await pushImage(hall.host, "app", "1", image);
    await hall.sign(image.manifest, types.manifest);
    const expires = "2026-03-01T00:00:00Z";
    const predicate = { repository: `${hall.host}/app`, tag: "1", counter, issued: "2026-01-01T00:00:00Z", expires };
    await hall.sign(image.manifest, types.manifest, { predicateType: tagRecordType, predicate });
  };
  await record(older, 1);
  const first = await hall.state(":1");
  await record(newer, 2);
  const second = await hall.state(":1");
  await pushImage(hall.host, "app", "1", older);
  const setBack = await hall.state(":1");
  await pushImage(hall.host, "app", "1", newer);
  now = Date.parse("2026-04-01");
  assert.deepEqual([first, second, setBack, await hall.state(":1")], ["trusted", "trusted", "stale", "stale"]);
});

test("counters never go down, whoever writes last", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-counters-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [one, other] = [openSeenCounters(folder), openSeenCounters(folder)];
  one.remember("a:1", 5);
  other.remember("a:1", 3);
  other.remember("b:1", 9);
  assert.deepEqual([one.highest("a:1"), other.highest("a:1"), one.highest("b:1"), one.highest("c:1")], [5, 5, 9, 0]);
});

const answers =
  (part: string, status: number): Misbehaviour =>
  (request, response) => {
    if (request.url?.includes(part) !== true) return false;
    response.writeHead(status).end();
    return true;
  };

test("S28: signatures that a registry withholds are 'cannot tell'; where it says there are none, the image is unsigned", async (t) => {
  const image = makeOciImage();
  const states: string[] = [];
  for (const [part, status] of [
    ["/referrers/", 403],
    [".sig", 403],
    ["/manifests/sha256-", 500],
    ["/referrers/", 404],
  ] as const) {
    const { host } = await startImageRegistry(t, image, answers(part, status));
    states.push(await (await openHall(t, {}, Date.now, host)).state(":1"));
  }
  assert.deepEqual(states, ["cannot-tell", "cannot-tell", "cannot-tell", "unsigned"]);
});

test("M7: by digest only those bytes are taken, whatever the header says", async (t) => {
  const image = makeOciImage();
  const other = makeOciImage({ config: { author: "x" } });
  const lying: Misbehaviour = (request, response) => {
    if (request.url?.includes(`/manifests/${image.manifest.digest}`) !== true) return false;
    const head = { "Content-Type": types.manifest, "Docker-Content-Digest": image.manifest.digest };
    response.writeHead(200, head).end(other.manifest.bytes);
    return true;
  };
  const { host } = await startImageRegistry(t, image, lying);
  const hall = await openHall(t, {}, Date.now, host);
  await assert.rejects(hall.state(`@${image.manifest.digest}`), (thrown: unknown) => {
    assert.ok(thrown instanceof PlimsollError);
    assert.equal(thrown.code, "DIGEST_MISMATCH");
    return true;
  });
});

test("a verdict that is known is given without a question to the registry", async (t) => {
  const hall = await openHall(t);
  const [good = makeOciImage()] = two();
  await pushImage(hall.host, "app", "1", good);
  await hall.sign(good.manifest, types.manifest);
  const { subject } = await hall.desk.judge(parseReference(`${hall.host}/app:1`));
  hall.cutOff();
  const unknown = { ...subject, digest: `sha256:${"a".repeat(64)}` };
  const states = [await hall.desk.judgeSubject(subject), await hall.desk.judgeSubject(unknown)];
  assert.deepEqual(
    states.map(({ state }) => state),
    ["trusted", "cannot-tell"],
  );
});

test("an image that was made here is judged by what the trust file says of local images", async (t) => {
  const hall = await openHall(t);
  const subject = {
    digest: `sha256:${"a".repeat(64)}`,
    mediaType: types.manifest,
    size: 1,
    repository: `${hall.host}/app`,
    tag: "1",
  };
  assert.equal(hall.desk.judgeLocal(subject).state, "unsigned");
});

test("M21: a registry that sends one byte after the other, or one page after the other, is left when its time is over", async (t) => {
  const image = makeOciImage();
  const drip: Misbehaviour = (request, response) => {
    if (request.url !== "/v2/app/manifests/1") return false;
    response.writeHead(200, { "Content-Type": types.manifest });
    const next = (): void => {
      if (!response.destroyed && response.write(" ")) setTimeout(next, 50);
    };
    next();
    return true;
  };
  // Each page is in time, and there is always one more.
  const page: Misbehaviour = ({ url }, response) => {
    if (url?.includes("/referrers/") !== true) return false;
    const headers = { "Content-Type": types.index, Link: `<${url.split("?")[0]}?n=${Math.random()}>; rel="next"` };
    setTimeout(() => response.writeHead(200, headers).end(JSON.stringify(indexOf())), 300);
    return true;
  };
  const told: string[] = [];
  for (const [misbehave, limits] of [
    [drip, { idleTimeoutMs: 500, timeoutMs: 1000 }],
    [page, { idleTimeoutMs: 500, timeoutMs: 700 }],
  ] as const) {
    const { host } = await startImageRegistry(t, image, misbehave);
    const hall = await openHall(t, {}, Date.now, host, limits);
    told.push(
      await hall.desk.judge(parseReference(`${host}/app:1`)).then(
        ({ verdict }) => `${verdict.state}: ${verdict.reason}`,
        (thrown: unknown) => (thrown instanceof PlimsollError ? thrown.message : `${thrown}`),
      ),
    );
  }
  assert.match(told[0] ?? "", /reading an image: more than 1000 ms in all/);
  assert.match(told[1] ?? "", /^cannot-tell: signatures could not be looked up: reading an image: given up/);
});
