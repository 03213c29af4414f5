// Keys in files: opened with the right passphrase, never with a wrong one, never when others may read them.

import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { sealCosignKey } from "../../src/trust/cosign-key.ts";
import { file } from "../../src/trust/signers/file.ts";

const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const texts = {
  plain: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  encrypted: pair.privateKey
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "right" })
    .toString(),
  cosign: sealCosignKey(pair.privateKey, "right"),
};

function keyFile(t: TestContext, text: string, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-key-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a.key");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const hasCode = (code: string) => (thrown: unknown) => thrown instanceof PlimsollError && thrown.code === code;

test("every kind of key file opens and signs", async (t) => {
  for (const text of Object.values(texts)) {
    const signer = await file.open(`file:${keyFile(t, text)}`, async () => "right");
    const signature = await signer?.sign(Buffer.from("data"), "sha256");
    assert.ok(verify("sha256", Buffer.from("data"), pair.publicKey, signature ?? assert.fail()));
  }
});

test("a wrong passphrase is asked for once and refused", async (t) => {
  for (const text of [texts.encrypted, texts.cosign]) {
    const asked: string[] = [];
    const ask = async (what: string) => {
      asked.push(what);
      return "wrong";
    };
    await assert.rejects(file.open(keyFile(t, text), ask), hasCode("SECRET_WRONG"));
    assert.equal(asked.length, 1);
  }
});

test("a key that others may read is not used", async (t) => {
  await assert.rejects(file.open(keyFile(t, texts.plain, 0o644), assert.fail), hasCode("KEY_UNAVAILABLE"));
});

test("what is missing or no key says so", async (t) => {
  await assert.rejects(file.open("/nowhere/a.key", assert.fail), hasCode("KEY_UNAVAILABLE"));
  await assert.rejects(file.open(keyFile(t, "hello"), assert.fail), hasCode("KEY_UNAVAILABLE"));
  assert.equal(await file.open("pkcs11:token=a", assert.fail), undefined);
});

test("a sealed key that asks for hours of work is refused", async (t) => {
  const body = JSON.parse(Buffer.from(texts.cosign.replaceAll(/-----.*-----|\n/g, ""), "base64").toString("utf8"));
  body.kdf.params.N = 2 ** 30;
  const text = texts.cosign.replace(
    /\n[\s\S]*\n-----END/,
    `\n${Buffer.from(JSON.stringify(body)).toString("base64")}\n-----END`,
  );
  await assert.rejects(
    file.open(keyFile(t, text), async () => "right"),
    hasCode("LIMIT_EXCEEDED"),
  );
});
