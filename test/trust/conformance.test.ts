// Cases of sigstore's own conformance suite that speak of a sha256 digest in a statement, as signatures of images do: signed with a key, and
// keyless under the public trusted root. That the bundles are whole is seen first. docs/conformance.md lists all cases of the suite that are known.

import assert from "node:assert/strict";
import { createHash, createPublicKey, type KeyObject, verify, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { errorText } from "../../src/base/errors.ts";
import { preAuthEncode } from "../../src/trust/dsse.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";

const folder = join(import.meta.dirname, "../fixtures/sigstore-conformance");
const cases = readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
const isKeyless = (name: string): boolean => name.startsWith("dsse-with-hashedrekord-");
const none = { keys: [], roots: [], timestampRoots: [], sigstoreRoots: [], openPgpKeys: [] };

type Document = ReturnType<typeof JSON.parse>;

/** The suite signs the same file in all of them. */
const digest = "sha256:a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf";
const subject = { digest, mediaType: "", size: 0, repository: "registry.test/a", tag: "" };

/** The log has it: the suite's file of the key says the same. */
function keyOf(bundle: Document): KeyObject {
  const [{ canonicalizedBody }] = bundle.verificationMaterial.tlogEntries;
  const { spec } = JSON.parse(Buffer.from(canonicalizedBody, "base64").toString());
  const intoto = spec.content?.envelope.signatures[0].publicKey;
  if (intoto !== undefined) return createPublicKey(Buffer.from(intoto, "base64"));
  const der = Buffer.from(spec.hashedRekordV002.signature.verifier.publicKey.rawBytes, "base64");
  return createPublicKey({ key: der, format: "der", type: "spki" });
}

function logged(bundle: Document): string {
  const [{ canonicalizedBody }] = bundle.verificationMaterial.tlogEntries;
  const { spec } = JSON.parse(Buffer.from(canonicalizedBody, "base64").toString());
  return spec.content?.payloadHash.value ?? Buffer.from(spec.hashedRekordV002.data.digest, "base64").toString("hex");
}

for (const name of cases.filter((one) => !isKeyless(one))) {
  test(`${name}: judged as the suite expects`, async (t) => {
    const text = readFileSync(join(folder, name, "bundle.sigstore.json"));
    const bundle = JSON.parse(text.toString());
    const { payload, payloadType, signatures } = bundle.dsseEnvelope;
    const bytes = Buffer.from(payload, "base64");
    const signed = preAuthEncode(payloadType, bytes);
    const hashes = [bytes, signed].map((one) => createHash("sha256").update(one).digest("hex"));
    const key = keyOf(bundle);
    assert.deepEqual(
      [verify("sha256", signed, key, Buffer.from(signatures[0].sig, "base64")), hashes.includes(logged(bundle))],
      [true, true],
    );
    const pem = key.export({ type: "spki", format: "pem" }).toString();
    const material = { ...none, keys: [pem] };
    const envelope = { format: "sigstore-bundle", artifact: "", payload: text, parts: {} };
    const verdict = await sigstoreBundle.verify(envelope, subject, material, 0).then(
      () => "accepted",
      (thrown: unknown) => errorText(thrown),
    );
    t.diagnostic(verdict);
    assert.equal(verdict !== "accepted", name.endsWith("_fail"), verdict);
  });
}

const beacon = {
  issuer: "https://token.actions.githubusercontent.com",
  subject:
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main",
};

/** By itself each signature holds but the one whose name says that it does not; what is wrong is what the log has. */
function holdsAlone({ dsseEnvelope, verificationMaterial }: Document): boolean {
  const { publicKey } = new X509Certificate(Buffer.from(verificationMaterial.certificate.rawBytes, "base64"));
  const signed = preAuthEncode(dsseEnvelope.payloadType, Buffer.from(dsseEnvelope.payload, "base64"));
  return verify("sha256", signed, publicKey, Buffer.from(dsseEnvelope.signatures[0].sig, "base64"));
}

for (const name of cases.filter(isKeyless)) {
  test(`${name}: judged as the suite expects, under the public trusted root`, async (t) => {
    const text = readFileSync(join(folder, name, "bundle.sigstore.json"));
    const bundle = JSON.parse(text.toString());
    assert.equal(holdsAlone(bundle), !name.includes("invalid-sig"));
    const material = { ...none, sigstoreRoots: [readFileSync(join(folder, "trusted_root.json"), "utf8")] };
    const envelope = { format: "sigstore-bundle", artifact: "", payload: text, parts: {} };
    const about = { ...subject, digest: "sha256:70ed0277251d0cf2eb5eda8b574ce012de485e39a3de1fb4b1e0717e14b02d6a" };
    const verdict = await sigstoreBundle.verify(envelope, about, material, 0).then(
      ({ signer }) => signer,
      (thrown: unknown) => errorText(thrown),
    );
    t.diagnostic(JSON.stringify(verdict));
    assert.equal(typeof verdict === "string", name.endsWith("_fail"), JSON.stringify(verdict));
    const other = sigstoreBundle.verify(envelope, subject, material, 0);
    await assert.rejects(other, name.endsWith("_fail") ? /./ : /over another digest/);
    if (typeof verdict === "string") return;
    assert.deepEqual({ ...verdict, roots: [] }, { kind: "keyless", ...beacon, roots: [] });
  });
}
