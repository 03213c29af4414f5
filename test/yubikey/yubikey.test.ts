// Yubico's own library, the system's smart-card service and a card that only exists here: what a user with a YubiKey does, and
// what goes wrong on the way. Only the silicon is simulated. In a network and a /run of its own.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { verify } from "node:crypto";
import { existsSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { PlimsollError } from "../../src/base/errors.ts";
import type { TrustSubject } from "../../src/model/trust.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";
import { pkcs11 } from "../../src/trust/signers/pkcs11.ts";
import { enterOwnMachine } from "../support/own-machine.ts";
import { memoryStore } from "../trust/memory-store.ts";
import { type CardReader, startCardReader } from "./card-reader.ts";
import { PivCard } from "./piv-card.ts";

const pin = "123456";
const uri = "pkcs11:id=%02?module-name=ykcs11";
const subject: TrustSubject = {
  ...{ digest: `sha256:${"a".repeat(64)}`, mediaType: "application/vnd.oci.image.manifest.v1+json", size: 7 },
  ...{ repository: "registry.test/team/app", tag: "1" },
};

const missing =
  existsSync("/usr/lib/pcsc/drivers/serial/libifdvpcd.so") && process.getuid?.() === 0 ? "" : "needs root and vpcd";
if (missing === "") enterOwnMachine();
const options = missing === "" ? {} : { skip: missing };

async function inserted(
  t: TestContext,
  beforeSign: () => void = () => undefined,
): Promise<{ card: PivCard; reader: CardReader }> {
  const reader = await startCardReader();
  t.after(() => reader.close());
  const card = new PivCard({ pin, beforeSign });
  await reader.insert(card);
  return { card, reader };
}

/** With Yubico's own tool, as its manual says; the card answers from this process, so nothing may block it. */
async function generate(slot: string): Promise<void> {
  const words = ["--action=generate", `--slot=${slot}`, "--algorithm=ECCP256"];
  await promisify(execFile)("yubico-piv-tool", words, { timeout: 10_000 });
}

const isProblem = (code: string) => (thrown: unknown) => {
  assert.ok(thrown instanceof PlimsollError, String(thrown));
  assert.equal(thrown.code, code, thrown.message);
  return true;
};

test("a key in the signature slot signs an image twice, with the PIN before each signature", options, async (t) => {
  await inserted(t);
  await generate("9c");
  const signer = (await pkcs11.open(uri, async () => pin)) ?? assert.fail();
  t.after(() => signer.close());
  const store = memoryStore(subject.repository);
  const statement = { subject, predicateType: "", predicate: null };
  for (let count = 0; count < 2; count += 1) await sigstoreBundle.write?.(statement, signer, store);
  const {
    envelopes: [envelope],
  } = await sigstoreBundle.find(subject, store, 10);
  const keys = [signer.publicKey.export({ type: "spki", format: "pem" }).toString()];
  const material = { keys, roots: [], timestampRoots: [], sigstoreRoots: [], openPgpKeys: [] };
  const held = await sigstoreBundle.verify(envelope ?? assert.fail(), subject, material, 0);
  assert.deepEqual([held.digest, store.manifests.size], [subject.digest, 2]);
});

test("a key in the authentication slot signs as well", options, async (t) => {
  await inserted(t);
  await generate("9a");
  const signer = (await pkcs11.open("pkcs11:id=%01?module-name=ykcs11", async () => pin)) ?? assert.fail();
  t.after(() => signer.close());
  const signature = await signer.sign(Buffer.from("data"), "sha256");
  assert.ok(verify("sha256", Buffer.from("data"), signer.publicKey, signature));
});

test("one wrong PIN costs one try, and no more are made", options, async (t) => {
  const { card } = await inserted(t);
  await generate("9c");
  await assert.rejects(
    pkcs11.open(uri, async () => "000000"),
    isProblem("SECRET_WRONG"),
  );
  assert.equal(card.triesLeft, 2);
});

test("a card that is pulled out in the middle of signing is an error that is told", options, async (t) => {
  const { reader } = await inserted(t, () => {
    throw new Error("pulled out");
  });
  await generate("9c");
  const signer = (await pkcs11.open(uri, async () => pin)) ?? assert.fail();
  t.after(() => signer.close());
  await assert.rejects(signer.sign(Buffer.from("data"), "sha256"), isProblem("KEY_UNAVAILABLE"));
  reader.pullOut();
});

test("without a card, and without the smart-card service, it is said that no token is there", options, async (t) => {
  const reader = await startCardReader();
  await assert.rejects(
    pkcs11.open(uri, async () => pin),
    isProblem("KEY_UNAVAILABLE"),
  );
  await reader.close();
  await assert.rejects(
    pkcs11.open(uri, async () => pin),
    isProblem("KEY_UNAVAILABLE"),
  );
  t.diagnostic("both");
});
