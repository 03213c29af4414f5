// Notary Project signatures: both envelopes hold, and every way to weaken one is refused.

import assert from "node:assert/strict";
import { createPrivateKey, sign, X509Certificate } from "node:crypto";
import { type TestContext, test } from "node:test";
import { encode, Tagged } from "cborg";
import { PlimsollError } from "../../src/base/errors.ts";
import type { TrustSubject } from "../../src/model/trust.ts";
import type { Envelope, TrustMaterial } from "../../src/trust/signature-format.ts";
import { notation } from "../../src/trust/signature-formats/notation.ts";
import { notationCose } from "../../src/trust/signature-formats/notation-cose.ts";
import { type Authority, type LeafOptions, makeAuthority } from "./authority.ts";
import { memoryStore } from "./memory-store.ts";

const subject: TrustSubject = {
  ...{ digest: `sha256:${"a".repeat(64)}`, mediaType: "application/vnd.oci.image.manifest.v1+json", size: 7 },
  ...{ repository: "registry.test/team/app", tag: "1" },
};
const plain = { subject, predicateType: "", predicate: null };
const trusting = (...roots: readonly string[]): TrustMaterial => ({
  ...{ keys: [], timestampRoots: [], sigstoreRoots: [], openPgpKeys: [], roots },
});

async function signed(authority: Authority, format = notation, options: LeafOptions = {}): Promise<Envelope> {
  const store = memoryStore(subject.repository);
  await format.write?.(plain, authority.signer(options), store);
  const {
    envelopes: [envelope],
  } = await notation.find(subject, store, 10);
  return envelope ?? assert.fail("no signature is found");
}

async function refusal(envelope: Envelope, material: TrustMaterial, nowMs = Date.now()): Promise<string> {
  return await notation.verify(envelope, subject, material, nowMs).then(
    () => "accepted",
    (thrown: unknown) =>
      thrown instanceof PlimsollError && thrown.code === "SIGNATURE_INVALID" ? thrown.message : `${thrown}`,
  );
}

for (const format of [notation, notationCose]) {
  test(`${format.name}: what is written is read back, with subject and root of its certificate`, async (t) => {
    const authority = makeAuthority(t);
    for (const curve of ["P-256", "P-384", "P-521"]) {
      const key = ["-algorithm", "EC", "-pkeyopt", `ec_paramgen_curve:${curve}`];
      const envelope = await signed(authority, format, { key });
      const verified = await notation.verify(envelope, subject, trusting(authority.root), Date.now());
      const root = new X509Certificate(authority.root).fingerprint256.replaceAll(":", "").toLowerCase();
      assert.deepEqual(
        [verified.signer, verified.repository, verified.predicateType],
        [{ kind: "certificate", subject: "O=acme, CN=release", root }, subject.repository, ""],
      );
    }
  });

  test(`${format.name}: a bit that is changed anywhere is refused, or changes nothing of what is accepted`, async (t) => {
    const authority = makeAuthority(t);
    const envelope = await signed(authority, format);
    const verify = (payload: Uint8Array) =>
      notation.verify({ ...envelope, payload }, subject, trusting(authority.root), Date.now());
    const whole = await verify(envelope.payload);
    let refused = 0;
    for (let at = 0; at < envelope.payload.length; at += 11) {
      const payload = Buffer.from(envelope.payload);
      payload[at] = (payload[at] ?? 0) ^ 4;
      // Only the name of the program that signed is outside the signature.
      const accepted = await verify(payload).catch(() => undefined);
      if (accepted === undefined) refused++;
      else assert.deepEqual(accepted, whole);
    }
    assert.ok(refused > envelope.payload.length / 15, `${refused} refused`);
  });
}

test("another root, no root, an expired certificate, another digest: refused", async (t) => {
  const authority = makeAuthority(t);
  const envelope = await signed(authority);
  const later = Date.now() + 20 * 24 * 60 * 60 * 1000;
  assert.match(await refusal(envelope, trusting(makeAuthority(t).root)), /does not end at a root/);
  assert.match(await refusal(envelope, trusting()), /does not end at a root/);
  assert.match(await refusal(envelope, trusting(authority.root), later), /is valid from/);
  const other = { ...subject, digest: `sha256:${"b".repeat(64)}` };
  await assert.rejects(notation.verify(envelope, other, trusting(authority.root), Date.now()), /another digest/);
});

test("certificates that may not sign images", async (t) => {
  const authority = makeAuthority(t);
  const cases: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
    "for servers": [["keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth"], /not for signing code/],
    "without digital signature": [["keyUsage=critical,keyEncipherment"], /may not make digital signatures/],
    "an authority": [
      ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature,keyCertSign"],
      /is an authority/,
    ],
    "with name constraints": [
      ["keyUsage=critical,digitalSignature", "nameConstraints=critical,permitted;DNS:x.test"],
      /critical extension/,
    ],
  };
  for (const [name, [extensions, message]] of Object.entries(cases)) {
    assert.match(
      await refusal(await signed(authority, notation, { extensions }), trusting(authority.root)),
      message,
      name,
    );
  }
});

test("a leaf that issues another leaf is no authority", async (t) => {
  const authority = makeAuthority(t);
  const middle = authority.issue();
  const below = makeAuthority(t, "/CN=below");
  const leaf = below.issue();
  const signer = { ...below.signer(), certificates: [leaf.certificate, middle.certificate, authority.root] };
  const store = memoryStore(subject.repository);
  await notation.write?.(plain, signer, store);
  const {
    envelopes: [envelope],
  } = await notation.find(subject, store, 1);
  assert.match(await refusal(envelope ?? assert.fail(), trusting(authority.root)), /is no authority/);
});

const base64url = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const schemeHeader = "io.cncf.notary.signingScheme";
const header = {
  ...{ alg: "ES256", cty: "application/vnd.cncf.notary.payload.v1+json", crit: [schemeHeader] },
  [schemeHeader]: "notary.x509",
};
const target = { targetArtifact: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size } };

/** A JWS with whatever header, properly signed by a good certificate. */
function jws(t: TestContext, change: object, payload: unknown = target) {
  const authority = makeAuthority(t);
  const leaf = authority.issue();
  const whole = base64url(typeof change === "string" ? change : { ...header, ...change });
  const body = base64url(payload);
  const key = { key: createPrivateKey(leaf.key), dsaEncoding: "ieee-p1363" } as const;
  const signature = sign("sha256", Buffer.from(`${whole}.${body}`), key).toString("base64url");
  const x5c = [leaf.certificate, authority.root].map((pem) => new X509Certificate(pem).raw.toString("base64"));
  const text = JSON.stringify({ payload: body, protected: whole, header: { x5c }, signature });
  const envelope = {
    format: "notation",
    artifact: "",
    payload: Buffer.from(text),
    parts: { mediaType: "application/jose+json" },
  };
  return { envelope, material: trusting(authority.root) };
}

test("JWS headers that weaken a signature are refused although they are signed", async (t) => {
  const good = jws(t, {});
  assert.equal(await refusal(good.envelope, good.material), "accepted");
  const cases: Readonly<Record<string, readonly [object, RegExp]>> = {
    "no algorithm": [{ alg: "none" }, /algorithm none/],
    "an HMAC with the public key": [{ alg: "HS256" }, /algorithm HS256/],
    "an algorithm of another key": [{ alg: "ES384" }, /does not belong to this key/],
    "nothing critical": [{ crit: [] }, /not marked critical/],
    "something unknown that is critical": [{ crit: [schemeHeader, "x"], x: 1 }, /no such key|unknown critical/],
    "critical, but not there": [{ crit: [schemeHeader, "io.cncf.notary.expiry"] }, /is missing/],
    "critical twice": [{ crit: [schemeHeader, schemeHeader] }, /twice/],
    "a payload that is not encoded": [{ b64: false }, /no such key/],
    "another content type": [{ cty: "text/plain" }, /content type/],
    "another scheme": [{ [schemeHeader]: "notary.x509.signingAuthority" }, /not supported/],
    expired: [
      { crit: [schemeHeader, "io.cncf.notary.expiry"], "io.cncf.notary.expiry": "2020-01-01T00:00:00Z" },
      /expired/,
    ],
  };
  for (const [name, [change, message]] of Object.entries(cases)) {
    const { envelope, material } = jws(t, change);
    assert.match(await refusal(envelope, material), message, name);
  }
});

test("a payload about another size or type is refused", async (t) => {
  for (const change of [{ size: 8 }, { mediaType: "application/vnd.oci.image.index.v1+json" }]) {
    const { envelope, material } = jws(t, {}, { targetArtifact: { ...target.targetArtifact, ...change } });
    assert.match(await refusal(envelope, material), /type or size/);
  }
});

test("COSE that two readers could read differently is refused", async () => {
  const cases: Readonly<Record<string, Uint8Array>> = {
    "no tag": encode([new Uint8Array(0), new Map(), new Uint8Array(0), new Uint8Array(0)]),
    "another tag": encode(new Tagged(17, [new Uint8Array(0), new Map(), new Uint8Array(0), new Uint8Array(0)])),
    "five parts": encode(new Tagged(18, [1, 2, 3, 4, 5])),
    "a detached payload": encode(new Tagged(18, [encode(new Map()), new Map(), null, new Uint8Array(64)])),
    // a1 -> a2: a map with the label 1 twice; 9f: an array without length.
    "a label twice": encode(
      new Tagged(18, [Buffer.from("a201260126", "hex"), new Map(), new Uint8Array(1), new Uint8Array(64)]),
    ),
    "no length": Buffer.concat([Buffer.from("d29f", "hex"), encode(1), Buffer.from("ff", "hex")]),
    "bytes behind the end": Buffer.concat([encode(new Tagged(18, [1, 2, 3, 4])), Buffer.from([0])]),
  };
  for (const [name, payload] of Object.entries(cases)) {
    const envelope = { format: "notation", artifact: "", payload, parts: { mediaType: "application/cose" } };
    assert.match(await refusal(envelope, trusting()), /^notation: /, name);
  }
});
