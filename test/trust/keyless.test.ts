// Keyless signatures against a trusted root of one's own: an authority, a log and a timestamp service on loopback.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import type { TrustSubject, VerifiedStatement } from "../../src/model/trust.ts";
import { readTrustFile } from "../../src/trust/file/read-trust-file.ts";
import { judgeTrust } from "../../src/trust/judge.ts";
import { rootId } from "../../src/trust/key-id.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";
import { email, issuer, startSigstore } from "./sigstore-services.ts";

const subject: TrustSubject = {
  ...{ digest: `sha256:${"a".repeat(64)}`, mediaType: "application/vnd.oci.image.manifest.v1+json", size: 7 },
  ...{ repository: "registry.test/team/app", tag: "1" },
};
const statementOf = (hex: string) => ({
  ...{ _type: "https://in-toto.io/Statement/v1", subject: [{ digest: { sha256: hex } }] },
  ...{ predicateType: "https://sigstore.dev/cosign/sign/v1", predicate: {} },
});

function verify(bundle: string, root: string): Promise<VerifiedStatement> {
  const envelope = { format: "sigstore-bundle", artifact: "", payload: Buffer.from(bundle), parts: {} };
  const material = { keys: [], roots: [], timestampRoots: [], sigstoreRoots: [root], openPgpKeys: [] };
  return sigstoreBundle.verify(envelope, subject, material, Date.now());
}

const isInvalid = (message: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof PlimsollError, String(thrown));
  assert.deepEqual([thrown.code, message.test(thrown.message)], ["SIGNATURE_INVALID", true], thrown.message);
  return true;
};

test("a keyless signature holds under its own trusted root, and says who signed, when, and that the log has it", async (t) => {
  const sigstore = await startSigstore(t);
  const before = Date.now() - 5000;
  const held = await verify(await sigstore.sign(statementOf("a".repeat(64))), sigstore.root);
  assert.deepEqual(
    [held.signer, held.hasTimestamp, held.isInLog, held.signedAtMs > before, held.signedAtMs <= Date.now() + 1000],
    [{ kind: "keyless", issuer, subject: email, roots: [rootId(sigstore.root)] }, true, true, true, true],
  );
});

test("under another root, over another digest, altered, or with a root without a beginning: refused", async (t) => {
  const sigstore = await startSigstore(t);
  const bundle = await sigstore.sign(statementOf("a".repeat(64)));
  await assert.rejects(verify(bundle, (await startSigstore(t)).root), isInvalid(/./));
  await assert.rejects(
    verify(await sigstore.sign(statementOf("b".repeat(64))), sigstore.root),
    isInvalid(/another digest/),
  );
  const value = JSON.parse(bundle);
  const payload = Buffer.from(JSON.stringify(statementOf("a".repeat(64)))).toString("base64");
  const swapped = {
    ...value,
    dsseEnvelope: {
      ...value.dsseEnvelope,
      payload: `${payload.slice(0, -8)}${Buffer.from(" }   ").toString("base64")}`,
    },
  };
  await assert.rejects(verify(JSON.stringify(swapped), sigstore.root), isInvalid(/./));
  const endless = sigstore.root.replaceAll(/"start":"[^"]*"/g, '"end":"2099-01-01T00:00:00Z"');
  await assert.rejects(verify(bundle, endless), isInvalid(/without a beginning/));
  const { timestampVerificationData: _, ...untimed } = value.verificationMaterial;
  const unlogged = { ...value, verificationMaterial: { ...untimed, tlogEntries: [] } };
  await assert.rejects(verify(JSON.stringify(unlogged), sigstore.root), isInvalid(/./));
});

test("S16, S17: the identity is compared exactly: no prefix, suffix, pattern or other issuer passes", async (t) => {
  const sigstore = await startSigstore(t);
  const statement = await verify(await sigstore.sign(statementOf("a".repeat(64))), sigstore.root);
  const stateFor = (who: { issuer: string; subject: string }): string => {
    const rules = [
      {
        scope: "registry.test/team/app",
        require: { anyOf: ["ci"] },
        binds: "any",
        timestamp: "required",
        log: "required",
      },
    ];
    const signers = { ci: { keyless: { ...who, trustedRoot: "root.json" } } };
    const text = JSON.stringify({ version: "1", signers, rules });
    const file = readTrustFile({ name: "test", text, readFile: () => sigstore.root });
    const asked = { isLocal: false, rejected: [], unreachable: "", highestCounter: 0, nowMs: Date.now() };
    return judgeTrust({ file, subject, statements: [statement], ...asked }).state;
  };
  const states = [
    { issuer, subject: email },
    { issuer, subject: "me@acme" },
    { issuer, subject: "e@acme.test" },
    { issuer, subject: "me@acme.tes." },
    { issuer, subject: ".*" },
    { issuer, subject: "ME@ACME.TEST" },
    { issuer: `${issuer}/`, subject: email },
    { issuer: "http://127.0.0.1/issue", subject: email },
  ].map(stateFor);
  assert.deepEqual(states, ["trusted", ...Array(7).fill("untrusted")]);
});

test("whom one trusted root may speak for, another may not: an authority that vouches for one signer makes no other's name its own", async (t) => {
  const [release, lab] = [await startSigstore(t), await startSigstore(t)];
  const other = "lab@acme.test";
  const rules = [
    { scope: "registry.test/team/app", require: { anyOf: ["release"] }, binds: "any" },
    { scope: "registry.test/team/lab", require: { anyOf: ["lab"] }, binds: "any" },
  ];
  const signers = {
    release: { keyless: { issuer, subject: email, trustedRoot: "release.json" } },
    lab: { keyless: { issuer, subject: other, trustedRoot: "lab.json" } },
  };
  const read = (more: object = {}) =>
    readTrustFile({
      name: "test",
      text: JSON.stringify({ version: "1", signers: { ...signers, ...more }, rules }),
      readFile: (name) => (name === "lab.json" ? lab.root : release.root),
    });
  const file = read();
  const stateOf = async (services: typeof lab, who: string, repository: string): Promise<string> => {
    const bundle = await services.sign(statementOf("a".repeat(64)), who);
    const envelope = { format: "sigstore-bundle", artifact: "", payload: Buffer.from(bundle), parts: {} };
    const statement = await sigstoreBundle.verify(envelope, subject, file.material, Date.now());
    const asked = { isLocal: false, rejected: [], unreachable: "", highestCounter: 0, nowMs: Date.now() };
    return judgeTrust({ file, subject: { ...subject, repository }, statements: [statement], ...asked }).state;
  };
  assert.deepEqual(
    [
      await stateOf(release, email, "registry.test/team/app"),
      await stateOf(lab, email, "registry.test/team/app"),
      await stateOf(lab, other, "registry.test/team/lab"),
      await stateOf(release, other, "registry.test/team/lab"),
    ],
    ["trusted", "untrusted", "trusted", "untrusted"],
  );
  // Under two names one person would count twice.
  const again = { keyless: { issuer, subject: email, trustedRoot: "lab.json" } };
  assert.throws(() => read({ again }), /signers release and again are the same/);
});
