// Signatures in a registry: a real one, where many sign at once, and one that hides, lies and floods.

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type TestContext, test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { parseReference } from "../../src/base/reference.ts";
import { openArtifacts } from "../../src/image/registry/artifacts.ts";
import type { ArtifactStore } from "../../src/model/artifact-store.ts";
import type { TrustSubject } from "../../src/model/trust.ts";
import { cosign } from "../../src/trust/signature-formats/cosign.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";
import type { Signer } from "../../src/trust/signer.ts";
import { type Misbehaviour, startImageRegistry } from "../support/image-registry.ts";
import { pushImage, startLoopbackRegistry } from "../support/loopback-registry.ts";
import { makeOciImage, scratch, settingsFor, types } from "../support/oci-image.ts";

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
    const envelopes = await format.find(subject, await storeAt(t, host), 10);
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
    await assert.rejects(refusing.referrers(digest), isCode("REGISTRY_REFUSED"), `referrers ${status}`);
    await assert.rejects(refusing.manifest("sha256-00.sig"), isCode("REGISTRY_REFUSED"), `tag ${status}`);
  }
});

test("a registry without the referrers call, and without signatures, says so", async (t) => {
  const plain = await hostile(t, () => false);
  assert.deepEqual(await plain.referrers(image.manifest.digest), []);
  assert.equal(await plain.manifest("sha256-00.sig"), undefined);
});

test("M19: 100,000 referrers, endless pages and pages elsewhere are an error that is told", async (t) => {
  const cases: Readonly<Record<string, readonly [Misbehaviour, string]>> = {
    "100,000 in one page": [
      (request, response) => {
        if (!isReferrers(request)) return false;
        response.writeHead(200, { "Content-Type": types.index });
        response.end(indexWith(Array.from({ length: 100_000 }, (_, at) => entry(at))));
        return true;
      },
      "LIMIT_EXCEEDED",
    ],
    "a page that leads to itself": [
      (request, response, count) => {
        if (!isReferrers(request)) return false;
        const Link = `<${request.url?.split("?")[0]}?n=${count}>; rel="next"`;
        response.writeHead(200, { "Content-Type": types.index, Link }).end(indexWith([entry(count)]));
        return true;
      },
      "LIMIT_EXCEEDED",
    ],
    "a next page on another host": [
      (request, response) => {
        if (!isReferrers(request)) return false;
        const Link = `<http://127.0.0.1:1${request.url}>; rel="next"`;
        response.writeHead(200, { "Content-Type": types.index, Link }).end(indexWith([]));
        return true;
      },
      "REGISTRY_REFUSED",
    ],
    "a list that is none": [
      (request, response) => {
        if (!isReferrers(request)) return false;
        response.writeHead(200, { "Content-Type": types.index }).end("[]");
        return true;
      },
      "MALFORMED_INPUT",
    ],
  };
  for (const [name, [misbehave, code]] of Object.entries(cases)) {
    const store = await hostile(t, misbehave);
    await assert.rejects(store.referrers(image.manifest.digest), isCode(code), name);
  }
});

test("M20: an image under the fallback tag is nobody's signature, and is not written over", async (t) => {
  const host = await startLoopbackRegistry(t);
  await pushImage(host, "app", "1", image);
  await pushImage(host, "app", image.manifest.digest.replace(":", "-"), makeOciImage({ tars: [] }));
  const store = await storeAt(t, host);
  assert.deepEqual(await store.referrers(image.manifest.digest), []);
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
