// Cases of sigstore's own conformance suite: those that are signed with a key and speak of a sha256 digest, as our images do. That the
// bundles are whole is seen first: each signature holds over its payload, and the log's entry is about exactly that.

import assert from "node:assert/strict";
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { errorText } from "../../src/base/errors.ts";
import { preAuthEncode } from "../../src/trust/dsse.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";

const folder = join(import.meta.dirname, "../fixtures/sigstore-conformance");
const cases = readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));

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

for (const name of cases) {
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
    const material = { keys: [pem], roots: [], timestampRoots: [], sigstoreRoots: [], openPgpKeys: [] };
    const envelope = { format: "sigstore-bundle", artifact: "", payload: text, parts: {} };
    const verdict = await sigstoreBundle.verify(envelope, subject, material, 0).then(
      () => "accepted",
      (thrown: unknown) => errorText(thrown),
    );
    t.diagnostic(verdict);
    assert.equal(verdict !== "accepted", name.endsWith("_fail"), verdict);
  });
}
