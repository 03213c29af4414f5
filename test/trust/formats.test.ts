// What each format writes is read back, and nothing that was altered, moved or signed by another is.

import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import type { TrustSubject } from "../../src/model/trust.ts";
import { preAuthEncode } from "../../src/trust/dsse.ts";
import { keyId } from "../../src/trust/key-id.ts";
import type { Envelope, TrustMaterial } from "../../src/trust/signature-format.ts";
import { cosign } from "../../src/trust/signature-formats/cosign.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";
import type { Signer } from "../../src/trust/signer.ts";
import { memoryStore } from "./memory-store.ts";

const subject: TrustSubject = {
  ...{ digest: `sha256:${"a".repeat(64)}`, mediaType: "application/vnd.oci.image.manifest.v1+json", size: 7 },
  ...{ repository: "registry.test/team/app", tag: "1" },
};
const elsewhere = { ...subject, digest: `sha256:${"b".repeat(64)}` };
const release = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });

const signerOf = (pair: { publicKey: KeyObject; privateKey: KeyObject }): Signer => ({
  publicKey: pair.publicKey,
  certificates: [],
  sign: async (data, hash) =>
    sign(pair.privateKey.asymmetricKeyType === "ed25519" ? null : hash, data, pair.privateKey),
  close: async () => undefined,
});
const materialOf = (...keys: readonly KeyObject[]): TrustMaterial => ({
  ...{ roots: [], timestampRoots: [], sigstoreRoots: [], openPgpKeys: [] },
  keys: keys.map((key) => key.export({ type: "spki", format: "pem" }).toString()),
});
const plain = { subject, predicateType: "", predicate: null };

async function signed(format: typeof cosign, pair = release): Promise<Envelope> {
  const store = memoryStore(subject.repository);
  await format.write?.(plain, signerOf(pair), store);
  const {
    envelopes: [envelope],
  } = await format.find(subject, store, 10);
  return envelope ?? assert.fail("no signature is found");
}

const isInvalid = (message: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof PlimsollError);
  assert.deepEqual([thrown.code, message.test(thrown.message)], ["SIGNATURE_INVALID", true], thrown.message);
  return true;
};

for (const format of [cosign, sigstoreBundle]) {
  test(`${format.name}: a signature is found again and holds`, async () => {
    const verified = await format.verify(await signed(format), subject, materialOf(release.publicKey), 0);
    assert.deepEqual(verified, {
      ...{ format: format.name, signer: { kind: "key", keyId: keyId(release.publicKey) }, digest: subject.digest },
      ...{ repository: subject.repository, tag: "", predicateType: "", predicate: format === cosign ? null : {} },
      ...{ signedAtMs: 0, hasTimestamp: false, isInLog: false },
    });
  });

  test(`${format.name}: RSA and Ed25519 keys sign as well`, async () => {
    for (const pair of [generateKeyPairSync("rsa", { modulusLength: 2048 }), generateKeyPairSync("ed25519")]) {
      const verified = await format.verify(await signed(format, pair), subject, materialOf(pair.publicKey), 0);
      assert.deepEqual(verified.signer, { kind: "key", keyId: keyId(pair.publicKey) });
    }
  });

  test(`${format.name}: by another key, over another digest, or altered: refused`, async () => {
    const envelope = await signed(format);
    const material = materialOf(release.publicKey);
    await assert.rejects(format.verify(envelope, subject, materialOf(stranger.publicKey), 0), isInvalid(/no key/));
    await assert.rejects(format.verify(envelope, subject, materialOf(), 0), isInvalid(/no key/));
    await assert.rejects(format.verify(envelope, elsewhere, material, 0), isInvalid(/another digest/));
    const payload = Buffer.from(envelope.payload);
    for (let at = 0; at < payload.length; at += 7) {
      const altered = Buffer.from(payload);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await format.verify({ ...envelope, payload: altered }, subject, material, 0).then(
        (verified) =>
          assert.deepEqual(verified.digest, subject.digest, `byte ${at}: only what is not signed may change`),
        (thrown: unknown) => assert.ok(thrown instanceof PlimsollError),
      );
    }
  });

  test(`${format.name}: more signatures than anybody needs are not looked at, and that is said`, async () => {
    const store = memoryStore(subject.repository);
    for (const pair of [release, stranger]) await format.write?.(plain, signerOf(pair), store);
    const [all, one] = [await format.find(subject, store, 2), await format.find(subject, store, 1)];
    assert.deepEqual(
      [all.envelopes.length, all.missing, one.envelopes.length, one.missing],
      [2, "", 1, "2 signatures, of which 1 at most are looked at"],
    );
  });
}

test("cosign: payloads that say two things are refused although they are signed", async () => {
  const identity = '"identity":{"docker-reference":"registry.test/team/app"}';
  const image = `"image":{"docker-manifest-digest":"${subject.digest}"}`;
  const type = '"type":"cosign container image signature"';
  const cases: Readonly<Record<string, readonly [string, RegExp]>> = {
    "another type": [`{"critical":{${identity},${image},"type":"atomic container signature"}}`, /type: expected/],
    "an unknown critical key": [`{"critical":{${identity},${image},${type},"x":1}}`, /no such key/],
    "a key twice": [`{"critical":{${identity},${image},${image},${type}}}`, /duplicate|twice|same/],
    "data behind the end": [`{"critical":{${identity},${image},${type}}} {}`, /./],
  };
  for (const [name, [text, message]] of Object.entries(cases)) {
    const payload = Buffer.from(text);
    const signature = sign("sha256", payload, release.privateKey).toString("base64");
    const envelope = { format: "cosign", artifact: "", payload, parts: { signature } };
    const verdict = cosign.verify(envelope, subject, materialOf(release.publicKey), 0);
    await assert.rejects(verdict, isInvalid(message), name);
  }
});

const bundleOf = (payload: string, more: object = {}) => {
  const type = "application/vnd.in-toto+json";
  const sig = sign("sha256", preAuthEncode(type, Buffer.from(payload)), release.privateKey).toString("base64");
  return {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: { publicKey: { hint: "x" } },
    dsseEnvelope: { payload: Buffer.from(payload).toString("base64"), payloadType: type, signatures: [{ sig }] },
    ...more,
  };
};
const statementOf = (more: object = {}) =>
  JSON.stringify({
    ...{ _type: "https://in-toto.io/Statement/v1", subject: [{ digest: { sha256: "a".repeat(64) } }] },
    ...{ predicateType: "https://sigstore.dev/cosign/sign/v1", predicate: {} },
    ...more,
  });

test("sigstore-bundle: statements about two things, by name or by another hash are refused although they are signed", async () => {
  const digest = { sha256: "a".repeat(64) };
  const cases: Readonly<Record<string, readonly [object, RegExp]>> = {
    "two subjects": [bundleOf(statementOf({ subject: [{ digest }, { digest }] })), /about one thing, found 2/],
    "no subject": [bundleOf(statementOf({ subject: [] })), /about one thing, found 0/],
    "by name only": [bundleOf(statementOf({ subject: [{ name: "app", digest: {} }] })), /by sha256/],
    "sha512 only": [bundleOf(statementOf({ subject: [{ digest: { sha512: "a".repeat(128) } }] })), /by sha256/],
    "key and certificate": [
      bundleOf(statementOf(), { verificationMaterial: { publicKey: { hint: "" }, certificate: { rawBytes: "" } } }),
      /both or none/,
    ],
    neither: [bundleOf(statementOf(), { verificationMaterial: {} }), /both or none/],
    "another payload type": [
      bundleOf(statementOf(), { dsseEnvelope: { ...bundleOf(statementOf()).dsseEnvelope, payloadType: "text/plain" } }),
      /payloadType/,
    ],
  };
  for (const [name, [bundle, message]] of Object.entries(cases)) {
    const envelope = {
      format: "sigstore-bundle",
      artifact: "",
      payload: Buffer.from(JSON.stringify(bundle)),
      parts: {},
    };
    const verdict = sigstoreBundle.verify(envelope, subject, materialOf(release.publicKey), 0);
    await assert.rejects(verdict, isInvalid(message), name);
  }
});

test("sigstore-bundle: an attestation keeps its type, so that it cannot pass for a signature", async () => {
  const predicateType = "https://slsa.dev/provenance/v1";
  const bundle = bundleOf(statementOf({ predicateType, predicate: { a: 1 } }));
  const envelope = { format: "sigstore-bundle", artifact: "", payload: Buffer.from(JSON.stringify(bundle)), parts: {} };
  const verified = await sigstoreBundle.verify(envelope, subject, materialOf(release.publicKey), 0);
  assert.deepEqual([verified.predicateType, verified.predicate], [predicateType, { a: 1 }]);
});

test("sigstore-bundle: a referrer that speaks about another image is passed over", async () => {
  const store = memoryStore(subject.repository);
  await sigstoreBundle.write?.({ ...plain, subject: elsewhere }, signerOf(release), store);
  const [digest, artifact] = [...store.manifests][0] ?? assert.fail();
  const claimed = {
    ...store,
    referrers: async () => ({
      entries: [{ ...artifact, size: 1, artifactType: "", annotations: {}, digest }],
      missing: "",
    }),
  };
  assert.deepEqual(await sigstoreBundle.find(subject, claimed, 10), { envelopes: [], rejected: [], missing: "" });
});
