// Keys on a token, through a real library (SoftHSM2) in its own process.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { verify } from "node:crypto";
import { type TestContext, test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { startTokenProcess } from "../../src/trust/pkcs11/ask-child.ts";
import { readPkcs11Uri } from "../../src/trust/pkcs11/uri.ts";
import { pkcs11 } from "../../src/trust/signers/pkcs11.ts";
import { addToken, pin, softToken } from "./soft-token.ts";

const softHsm = "?module-name=softhsm2";
const module = "/usr/lib/softhsm/libsofthsm2.so";

async function createKey(t: TestContext, uri: string): Promise<unknown> {
  const process = startTokenProcess();
  t.after(() => process.close());
  return await process.ask({ do: "create", uri: readPkcs11Uri(uri, () => true), pin });
}

const isProblem = (code: string, message: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof PlimsollError);
  assert.deepEqual([thrown.code, message.test(thrown.message)], [code, true], thrown.message);
  return true;
};

test("a key that is made on a token signs there, and what it signs holds", async (t) => {
  const uri = `${softToken(t)};object=release;id=%07${softHsm}`;
  await createKey(t, uri);
  const signer = (await pkcs11.open(uri, async () => pin)) ?? assert.fail();
  t.after(() => signer.close());
  for (const hash of ["sha256", "sha384"] as const) {
    const signature = await signer.sign(Buffer.from("data"), hash);
    assert.ok(verify(hash, Buffer.from("data"), signer.publicKey, signature), hash);
  }
});

test("RSA keys that another program made sign as well", async (t) => {
  const uri = `${softToken(t)};object=old${softHsm}`;
  const words = [
    "--module",
    module,
    "--login",
    "--pin",
    pin,
    "--keypairgen",
    "--key-type",
    "rsa:2048",
    "--label",
    "old",
  ];
  execFileSync("pkcs11-tool", [...words, "--id", "01"], { stdio: "pipe" });
  const signer = (await pkcs11.open(uri, async () => pin)) ?? assert.fail();
  t.after(() => signer.close());
  assert.ok(verify("sha256", Buffer.from("data"), signer.publicKey, await signer.sign(Buffer.from("data"), "sha256")));
});

test("a wrong PIN is tried once; before the token would lock itself nothing is tried", async (t) => {
  const uri = `${softToken(t)};object=release${softHsm}`;
  await createKey(t, uri);
  let asked = 0;
  const wrong = async () => {
    asked++;
    return "000000";
  };
  await assert.rejects(pkcs11.open(uri, wrong), isProblem("SECRET_WRONG", /refused the PIN/));
  assert.equal(asked, 1);
});

test("no token, two tokens, no key, two keys: each says so", async (t) => {
  const uri = softToken(t);
  const ask = async () => pin;
  await assert.rejects(
    pkcs11.open(`pkcs11:token=other${softHsm}`, ask),
    isProblem("KEY_UNAVAILABLE", /no token called other .*lab/),
  );
  await assert.rejects(pkcs11.open(`${uri}${softHsm}`, ask), isProblem("KEY_UNAVAILABLE", /no such key/));
  await createKey(t, `${uri};object=a;id=%01${softHsm}`);
  await createKey(t, `${uri};object=b;id=%02${softHsm}`);
  await assert.rejects(pkcs11.open(`${uri}${softHsm}`, ask), isProblem("KEY_UNAVAILABLE", /2 keys fit/));
  await assert.rejects(
    createKey(t, `${uri};object=c;id=%01${softHsm}`),
    isProblem("KEY_UNAVAILABLE", /key with this id/),
  );
  addToken("lab");
  await assert.rejects(pkcs11.open(`${uri}${softHsm}`, ask), isProblem("KEY_UNAVAILABLE", /2 tokens fit/));
});

test("the private half cannot be read from the token", async (t) => {
  const uri = `${softToken(t)};object=release;id=%07${softHsm}`;
  await createKey(t, uri);
  const words = ["--module", module, "--login", "--pin", pin, "--list-objects", "--type", "privkey"];
  const listed = execFileSync("pkcs11-tool", words, { encoding: "utf8" });
  assert.match(listed, /always sensitive, never extractable/);
});

test("a library that is none, or that dies, is an error and not our end", async () => {
  const ask = async () => pin;
  const none = "pkcs11:token=lab?module-path=/etc/hostname";
  await assert.rejects(pkcs11.open(none, ask), isProblem("KEY_UNAVAILABLE", /cannot be used/));
  const missing = "pkcs11:token=lab?module-path=/nowhere.so";
  await assert.rejects(pkcs11.open(missing, ask), isProblem("KEY_UNAVAILABLE", /cannot be used/));
});

test("PINs in a URI and attributes nobody knows are refused", () => {
  const cases: Readonly<Record<string, RegExp>> = {
    "pkcs11:token=a?pin-value=1234": /PIN does not belong/,
    "pkcs11:token=a;pin-source=file:x": /PIN does not belong/,
    "pkcs11:token=a;token=b": /repeated attribute/,
    "pkcs11:colour=red": /unknown/,
    "pkcs11:token=%zz": /percent sign/,
    "pkcs11:token=a?module-path=lib.so": /absolute path/,
  };
  for (const [uri, message] of Object.entries(cases)) {
    assert.throws(() => readPkcs11Uri(uri, () => true), isProblem("USAGE", message));
  }
  assert.deepEqual(
    readPkcs11Uri("pkcs11:token=My%20token;id=%01%FF?module-name=softhsm2", () => true),
    {
      ...{ module, token: "My token", serial: "", object: "", id: "01ff" },
    },
  );
});
