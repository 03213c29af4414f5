// Signatures in a registry: a real one, where many sign at once, and one that hides, lies and floods.

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { lookUpStatements } from "../../src/admission/trust/look-up-statements.ts";
import { PlimsollError } from "../../src/base/errors.ts";
import { parseReference } from "../../src/base/reference.ts";
import { openArtifacts } from "../../src/image/registry/artifacts.ts";
import type { Artifact, ArtifactStore } from "../../src/model/artifact-store.ts";
import type { TrustSubject } from "../../src/model/trust.ts";
import { cosign } from "../../src/trust/signature-formats/cosign.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";
import type { Signer } from "../../src/trust/signer.ts";
import { type Misbehaviour, startImageRegistry } from "../support/image-registry.ts";
import { pushImage, startLoopbackRegistry } from "../support/loopback-registry.ts";
import { makeOciImage, scratch, settingsFor, types } from "../support/oci-image.ts";
import { memoryStore } from "./memory-store.ts";

const image = makeOciImage();

function newSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    ...{ publicKey, certificates: [], close: async () => undefined },
    sign: async (data, hash) => sign(hash, data, privateKey),
  };
}

function subjectIn(repository: string): TrustSubject {
  const { digest, bytes } = image.manifest;
  return { digest, mediaType: types.manifest, size: bytes.length, repository, tag: "1" };
}

const pem = ({ publicKey }: Signer): string => publicKey.export({ type: "spki", format: "pem" }).toString();

async function storeAt(t: TestContext, host: string, path = "app"): Promise<ArtifactStore> {
  const settings = settingsFor(await scratch(t), { insecureRegistries: [host] });
  return openArtifacts(parseReference(`${host}/${path}`), settings, "pull,push");
}

for (const format of [cosign, sigstoreBundle]) {
  test(`${format.name}: six who sign at the same moment all stay in the registry`, async (t) => {
    const host = await startLoopbackRegistry(t);
    await pushImage(host, "app", "1", image);
    const subject = subjectIn(`${host}/app`);
    const signers = Array.from({ length: 6 }, newSigner);
    const statement = { subject, predicateType: "", predicate: null };
    const signing = signers.map(async (signer) => format.write?.(statement, signer, await storeAt(t, host)));
    await Promise.all(signing);
    const { envelopes } = await format.find(subject, await storeAt(t, host), 10);
    const material = { roots: [], timestampRoots: [], sigstoreRoots: [], openPgpKeys: [], keys: signers.map(pem) };
    const held = await Promise.all(envelopes.map((each) => format.verify(each, subject, material, 0)));
    assert.equal(new Set(held.map(({ signer }) => JSON.stringify(signer))).size, 6);
  });
}

async function hostile(t: TestContext, misbehave: Misbehaviour): Promise<ArtifactStore> {
  const { host } = await startImageRegistry(t, image, misbehave);
  return await storeAt(t, host);
}

const isCode = (code: string) => (thrown: unknown) => {
  assert.ok(thrown instanceof PlimsollError, String(thrown));
  assert.equal(thrown.code, code, thrown.message);
  return true;
};
const isReferrers = ({ url }: IncomingMessage): boolean => url?.includes("/referrers/") === true;
const entry = (at: number) => ({
  ...{ mediaType: types.manifest, size: 1 },
  digest: `sha256:${at.toString(16).padStart(64, "0")}`,
});
const indexWith = (entries: readonly object[]): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: types.index, manifests: entries });

test("S28: a registry that answers 500 or wants credentials is an error, not an image without signatures", async (t) => {
  for (const status of [500, 401, 403]) {
    const refusing = await hostile(t, (_, response) => response.writeHead(status).end() !== undefined);
    const { digest } = image.manifest;
    await assert.rejects(refusing.referrers(digest, []), isCode("REGISTRY_REFUSED"), `referrers ${status}`);
    await assert.rejects(refusing.manifest("sha256-00.sig"), isCode("REGISTRY_REFUSED"), `tag ${status}`);
  }
});

test("a registry without the referrers call, and without signatures, says so", async (t) => {
  const plain = await hostile(t, () => false);
  assert.deepEqual(await plain.referrers(image.manifest.digest, []), { entries: [], missing: "" });
  assert.equal(await plain.manifest("sha256-00.sig"), undefined);
});

const answerList = (
  request: IncomingMessage,
  response: ServerResponse,
  entries: readonly object[],
  more = {},
): boolean => {
  if (!isReferrers(request)) return false;
  response.writeHead(200, { "Content-Type": types.index, ...more }).end(indexWith(entries));
  return true;
};

test("M19: of 100,000 referrers and of endless pages some are read, and that there are more is said", async (t) => {
  const flood = Array.from({ length: 100_000 }, (_, at) => entry(at));
  const cases: readonly (readonly [Misbehaviour, number, RegExp])[] = [
    [(request, response) => answerList(request, response, flood), 0, /without end/],
    [(request, response) => answerList(request, response, flood.slice(0, 20_000)), 512, /more than 512/],
    [
      (request, response, count) => {
        const Link = `<${request.url?.split("?")[0]}?n=${count}>; rel="next"`;
        return answerList(request, response, [entry(count)], { Link });
      },
      16,
      /more than 16 pages/,
    ],
  ];
  for (const [misbehave, count, missing] of cases) {
    const store = await hostile(t, misbehave);
    const found = await store.referrers(image.manifest.digest, []);
    assert.equal(found.entries.length, count);
    assert.match(found.missing, missing);
  }
});

test("M19: a good signature is found under a flood, where the registry can filter; the flood itself decides nothing", async (t) => {
  const signer = newSigner();
  const isFiltered = ({ url }: IncomingMessage): boolean => url?.includes("artifactType=") === true;
  const flood = Array.from({ length: 20_000 }, (_, at) => entry(at));
  for (const knowsFilter of [true, false]) {
    const stored: Artifact[] = [];
    const { host } = await startImageRegistry(t, image, (request, response) => {
      const [own] = stored;
      if (own === undefined || !isReferrers(request)) return false;
      const listed = { mediaType: own.mediaType, size: own.bytes.length, digest: own.digest };
      return answerList(request, response, knowsFilter && isFiltered(request) ? [listed] : flood);
    });
    const subject = subjectIn(`${host}/app`);
    const memory = memoryStore(subject.repository);
    await sigstoreBundle.write?.({ subject, predicateType: "", predicate: null }, signer, memory);
    stored.push([...memory.manifests.values()][0] ?? assert.fail());
    const store = await storeAt(t, host);
    const both: ArtifactStore = {
      ...memory,
      manifest: async (reference) => memory.manifests.get(reference),
      referrers: (digest, sought) => store.referrers(digest, sought),
    };
    const material = { roots: [], timestampRoots: [], sigstoreRoots: [], openPgpKeys: [], keys: [pem(signer)] };
    const found = await lookUpStatements(subject, both, material, 0);
    assert.deepEqual([found.statements.length, found.unreachable !== ""], [knowsFilter ? 1 : 0, true]);
  }
});

test("M19: pages elsewhere, and lists that are none, are an error that is told", async (t) => {
  const cases: readonly (readonly [Misbehaviour, string])[] = [
    [
      (request, response) =>
        answerList(request, response, [], { Link: `<http://127.0.0.1:1${request.url}>; rel="next"` }),
      "REGISTRY_REFUSED",
    ],
    [
      (request, response) => {
        if (!isReferrers(request)) return false;
        response.writeHead(200, { "Content-Type": types.index }).end("[]");
        return true;
      },
      "MALFORMED_INPUT",
    ],
  ];
  for (const [misbehave, code] of cases) {
    const store = await hostile(t, misbehave);
    await assert.rejects(store.referrers(image.manifest.digest, []), isCode(code));
  }
});

test("M20: an image under the fallback tag is nobody's signature, and is not written over", async (t) => {
  const host = await startLoopbackRegistry(t);
  await pushImage(host, "app", "1", image);
  await pushImage(host, "app", image.manifest.digest.replace(":", "-"), makeOciImage({ tars: [] }));
  const store = await storeAt(t, host);
  assert.deepEqual(await store.referrers(image.manifest.digest, []), { entries: [], missing: "" });
  const statement = { subject: subjectIn(`${host}/app`), predicateType: "", predicate: null };
  const writing = sigstoreBundle.write?.(statement, newSigner(), store) ?? assert.fail();
  await assert.rejects(writing, isCode("REGISTRY_REFUSED"));
});

test("M1, M2: a signature's bytes are those of its digest, and no more than allowed", async (t) => {
  const bytes = image.config.bytes;
  const changed = await hostile(t, (request, response) => {
    if (request.url?.includes("/blobs/") !== true) return false;
    response.writeHead(200).end(Buffer.concat([bytes, Buffer.from(" ")]));
    return true;
  });
  await assert.rejects(changed.blob(image.config.digest, 100_000), isCode("DIGEST_MISMATCH"));
  await assert.rejects(changed.blob(image.config.digest, 10), isCode("LIMIT_EXCEEDED"));
  await assert.rejects(changed.blob("sha256:../../x", 10), isCode("REGISTRY_REFUSED"));
});
