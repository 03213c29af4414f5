// Attacks on signatures themselves that no other test has: hints, borrowed log entries, bent numbers, floods, wrong clocks.

import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { lookUpStatements } from "../../src/admission/trust/look-up-statements.ts";
import type { TrustSubject } from "../../src/model/trust.ts";
import { readTrustFile } from "../../src/trust/file/read-trust-file.ts";
import { keyId } from "../../src/trust/key-id.ts";
import type { TrustMaterial } from "../../src/trust/signature-format.ts";
import { cosign } from "../../src/trust/signature-formats/cosign.ts";
import { notation } from "../../src/trust/signature-formats/notation.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";
import { newPair, type Pair, pemOf, signerOf } from "../judges/scene.ts";
import { makeAuthority } from "./authority.ts";
import { type MemoryStore, memoryStore } from "./memory-store.ts";
import { startSigstore } from "./sigstore-services.ts";

const subject: TrustSubject = {
  ...{ digest: `sha256:${"a".repeat(64)}`, mediaType: "application/vnd.oci.image.manifest.v1+json", size: 7 },
  ...{ repository: "registry.test/team/app", tag: "1" },
};
const plain = { subject, predicateType: "", predicate: null };
const none: TrustMaterial = { keys: [], roots: [], timestampRoots: [], sigstoreRoots: [], openPgpKeys: [] };
const materialOf = (...pairs: readonly Pair[]): TrustMaterial => ({ ...none, keys: pairs.map(pemOf) });

test("S11: what a bundle says of its key chooses nothing: the signer is whose key fits", async () => {
  const [signed, named] = [newPair(), newPair()];
  const store = memoryStore(subject.repository);
  await sigstoreBundle.write?.(plain, signerOf(signed), store);
  const {
    envelopes: [envelope = assert.fail()],
  } = await sigstoreBundle.find(subject, store, 10);
  const bundle = JSON.parse(Buffer.from(envelope.payload).toString());
  const hint = Buffer.from(keyId(named.publicKey), "hex").toString("base64");
  bundle.verificationMaterial.publicKey.hint = hint;
  bundle.dsseEnvelope.signatures[0].keyid = hint;
  const claimed = { ...envelope, payload: Buffer.from(JSON.stringify(bundle)) };
  const held = await sigstoreBundle.verify(claimed, subject, materialOf(named, signed), 0);
  assert.deepEqual(held.signer, { kind: "key", keyId: keyId(signed.publicKey) });
  await assert.rejects(sigstoreBundle.verify(claimed, subject, materialOf(named), 0));
});

test("S15: the log entry or the timestamp of another signature does not serve", async (t) => {
  const sigstore = await startSigstore(t);
  const statement = (name: string) => ({
    ...{ _type: "https://in-toto.io/Statement/v1", subject: [{ digest: { sha256: "a".repeat(64) } }] },
    ...{ predicateType: "https://sigstore.dev/cosign/sign/v1", predicate: { name } },
  });
  const bundles = [await sigstore.sign(statement("one")), await sigstore.sign(statement("two"))];
  const [one, two] = bundles.map((text) => JSON.parse(text));
  const { tlogEntries, timestampVerificationData } = two.verificationMaterial;
  const verify = (material: object) => {
    const payload = Buffer.from(
      JSON.stringify({ ...one, verificationMaterial: { ...one.verificationMaterial, ...material } }),
    );
    const envelope = { format: "sigstore-bundle", artifact: "", payload, parts: {} };
    return sigstoreBundle.verify(envelope, subject, { ...none, sigstoreRoots: [sigstore.root] }, Date.now());
  };
  assert.equal((await verify({})).isInLog, true);
  await assert.rejects(verify({ tlogEntries }));
  await assert.rejects(verify({ timestampVerificationData }));
});

test("S20: signatures with numbers that are bent, padded or nought are refused, and no spelling makes a second signer", async () => {
  const pair = newPair();
  const store = memoryStore(subject.repository);
  await cosign.write?.(plain, signerOf(pair), store);
  const {
    envelopes: [envelope = assert.fail()],
  } = await cosign.find(subject, store, 10);
  const der = Buffer.from(envelope.parts["signature"] ?? "", "base64");
  const spelled = (bytes: Buffer) => ({ ...envelope, parts: { signature: bytes.toString("base64") } });
  const nought = Buffer.from("3006020100020100", "hex");
  const cases = [
    Buffer.concat([der, Buffer.from([0])]),
    nought,
    Buffer.alloc(64),
    Buffer.alloc(0),
    der.subarray(0, -1),
  ];
  for (const bytes of cases) await assert.rejects(cosign.verify(spelled(bytes), subject, materialOf(pair), 0));
  const other = await cosign.verify(spelled(highS(der)), subject, materialOf(pair), 0);
  assert.deepEqual(other.signer, { kind: "key", keyId: keyId(pair.publicKey) });
});

/** The other number that makes the same signature: the order of the group less s. */
function highS(der: Buffer): Buffer {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const rLength = der.readUInt8(3);
  const r = der.subarray(2, 4 + rLength);
  const s = BigInt(`0x${der.subarray(6 + rLength).toString("hex")}`);
  const hex = (order - s).toString(16).padStart(64, "0");
  const value = Buffer.from(
    Number.parseInt(hex.slice(0, 2), 16) > 127 ? `00${hex}` : hex.replace(/^(?:00(?=[0-7]))+/, ""),
    "hex",
  );
  const body = Buffer.concat([r, Buffer.from([2, value.length]), value]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

const simpleSigningType = "application/vnd.dev.cosign.simplesigning.v1+json";
const manifestType = "application/vnd.oci.image.manifest.v1+json";

/** Manifest under the tag of classic signatures, with so many that nobody made. */
async function buryUnder(store: MemoryStore, count: number): Promise<void> {
  const payload = Buffer.from(JSON.stringify({ padding: "x".repeat(1000) }));
  const blob = await store.putBlob(payload);
  const layers = Array.from({ length: count }, (_, at) => ({
    ...{ mediaType: simpleSigningType, size: payload.length, digest: blob },
    annotations: { "dev.cosignproject.cosign/signature": createHash("sha256").update(String(at)).digest("base64") },
  }));
  const config = { mediaType: "application/vnd.oci.image.config.v1+json", size: payload.length, digest: blob };
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers }));
  await store.putManifest(`${subject.digest.replace(":", "-")}.sig`, manifest, manifestType);
}

test("S24: under more signatures than anybody looks at, nothing is accepted and it is said that some were not looked at", async () => {
  const store = memoryStore(subject.repository);
  await buryUnder(store, 66);
  const found = await lookUpStatements(subject, store, materialOf(newPair()), 0);
  assert.deepEqual(
    [found.statements, found.rejected.length, found.unreachable],
    [[], 64, "66 signatures, of which 64 at most are looked at"],
  );
});

test("S24: a good signature among large bad ones is found, for signatures are small and the smallest come first", async () => {
  const good = newPair();
  const store = memoryStore(subject.repository);
  await buryUnder(store, 200);
  await cosign.write?.(plain, signerOf(good), store);
  const found = await lookUpStatements(subject, store, materialOf(good), 0);
  assert.deepEqual(
    found.statements.map(({ signer }) => signer),
    [{ kind: "key", keyId: keyId(good.publicKey) }],
  );
});

test("a referrer whose blob is larger than any signature, or is not there as described, takes nothing from the others", async () => {
  const pair = newPair();
  const store = memoryStore(subject.repository);
  await sigstoreBundle.write?.(plain, signerOf(pair), store);
  const [mine] = [...store.manifests.values()];
  const manifest = JSON.parse(Buffer.from(mine?.bytes ?? []).toString());
  const huge = JSON.stringify({ ...manifest, layers: [{ ...manifest.layers[0], size: 99_999_999 }] });
  await store.putManifest("", Buffer.from(huge), manifestType);
  const { statements, rejected, unreachable } = await lookUpStatements(subject, store, materialOf(pair), 0);
  assert.deepEqual([statements.length, rejected.length, unreachable], [1, 1, ""]);
});

test("one referrer that cannot be read takes nothing from the others", async () => {
  const pair = newPair();
  const store = memoryStore(subject.repository);
  const type = "application/vnd.oci.image.manifest.v1+json";
  const broken = { schemaVersion: 2, mediaType: type, subject: { digest: subject.digest }, layers: "none" };
  await store.putManifest("", Buffer.from(JSON.stringify(broken)), type);
  await sigstoreBundle.write?.(plain, signerOf(pair), store);
  const { statements, unreachable } = await lookUpStatements(subject, store, materialOf(pair), 0);
  assert.deepEqual([statements.map(({ format }) => format), unreachable], [["sigstore-bundle"], ""]);
});

test("S27: a clock that is wrong by years accepts no certificate outside its time", async (t) => {
  const authority = makeAuthority(t);
  const store = memoryStore(subject.repository);
  await notation.write?.(plain, authority.signer(), store);
  const {
    envelopes: [envelope = assert.fail()],
  } = await notation.find(subject, store, 10);
  const material = { ...none, roots: [authority.root] };
  assert.equal((await notation.verify(envelope, subject, material, Date.now())).format, "notation");
  for (const date of ["1970-01-01", "2001-01-01", "2099-01-01"]) {
    await assert.rejects(notation.verify(envelope, subject, material, Date.parse(date)), date);
  }
});

test("S21: RSA of 1024 bits, and keys of kinds that nobody should rely on, are refused with the reason, however well they sign", async () => {
  const weak = [
    [generateKeyPairSync("rsa", { modulusLength: 1024 }), /RSA key of 1024 bits, where 2048 are the least/],
    [generateKeyPairSync("ec", { namedCurve: "secp256k1" }), /a key on secp256k1/],
    [generateKeyPairSync("ec", { namedCurve: "prime192v1" }), /a key on prime192v1/],
    [generateKeyPairSync("ed448"), /a key of the kind ed448/],
    [generateKeyPairSync("rsa-pss", { modulusLength: 2048 }), /a key of the kind rsa-pss/],
  ] as const;
  for (const [pair, why] of weak) {
    const file = JSON.stringify({ version: "1", signers: { release: { key: pemOf(pair) } }, rules: [] });
    assert.throws(() => readTrustFile({ name: "trust.yaml", text: file, readFile: (name) => name }), why);
    const store = memoryStore(subject.repository);
    const by = pair.privateKey.asymmetricKeyType === "ed448" ? newPair() : pair;
    await cosign.write?.(plain, signerOf(by), store);
    await sigstoreBundle.write?.(plain, signerOf(by), store);
    const { statements } = await lookUpStatements(subject, store, materialOf(pair), Date.now());
    assert.deepEqual(statements, []);
  }
});

test("S20: P-384 and P-521 sign with SHA-256, as cosign 2 does, or with their own hash, as cosign 3 does, and with no other", async () => {
  const outcomes: string[] = [];
  for (const [namedCurve, own] of [
    ["P-384", "sha384"],
    ["P-521", "sha512"],
    ["P-256", "sha256"],
  ] as const) {
    const pair: Pair = generateKeyPairSync("ec", { namedCurve });
    for (const hash of ["sha256", own, "sha1", "sha384", "sha512"]) {
      const store = memoryStore(subject.repository);
      const signer = { ...signerOf(pair), sign: async (data: Uint8Array) => sign(hash, data, pair.privateKey) };
      await cosign.write?.(plain, signer, store);
      await sigstoreBundle.write?.(plain, signer, store);
      const { statements } = await lookUpStatements(subject, store, materialOf(pair), Date.now());
      outcomes.push(`${namedCurve} ${hash} ${statements.length}`);
    }
  }
  assert.deepEqual(outcomes, [
    ...["P-384 sha256 2", "P-384 sha384 2", "P-384 sha1 0", "P-384 sha384 2", "P-384 sha512 0"],
    ...["P-521 sha256 2", "P-521 sha512 2", "P-521 sha1 0", "P-521 sha384 0", "P-521 sha512 2"],
    ...["P-256 sha256 2", "P-256 sha256 2", "P-256 sha1 0", "P-256 sha384 0", "P-256 sha512 0"],
  ]);
});
