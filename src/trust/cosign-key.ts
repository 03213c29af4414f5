// The private keys that `cosign generate-key-pair` writes: a PEM block around JSON around a PKCS #8 key, sealed with a passphrase.
// Source: secure-systems-lab/go-securesystemslib encrypted/encrypted.go; sigstore/cosign pkg/cosign/keys.go.

import { createPrivateKey, type KeyObject, randomBytes, scryptSync } from "node:crypto";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { PlimsollError } from "../base/errors.ts";
import { decodeJson, encodeJson } from "../base/json.ts";
import { decode, integer, literal, object, string } from "../base/schema.ts";

const sealedShape = object({
  kdf: object({ name: literal("scrypt"), params: object({ N: integer, r: integer, p: integer }), salt: string }),
  cipher: object({ name: literal("nacl/secretbox"), nonce: string }),
  ciphertext: string,
});

/** cosign's own cost; a file that asks for much more would make us compute for it. */
const cost = { N: 65536, r: 8, p: 1 };
const maxCost = 1024 * 1024;
const blockName = "ENCRYPTED SIGSTORE PRIVATE KEY";

/** @throws PlimsollError SECRET_WRONG, MALFORMED_INPUT @param where for messages */
export function openCosignKey(pem: string, passphrase: string, where: string): KeyObject {
  const body = /-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----([\s\S]+?)-----END/.exec(pem)?.[1] ?? "";
  const value = decodeJson(Buffer.from(body, "base64"), { maxBytes: 64 * 1024 });
  const { kdf, cipher, ciphertext } = decode(sealedShape, value, { code: "MALFORMED_INPUT", where });
  const { N, r, p } = kdf.params;
  if (N * r * p > maxCost || N < 2 || r < 1 || p < 1) {
    throw new PlimsollError("LIMIT_EXCEEDED", `${where}: scrypt parameters N=${N}, r=${r}, p=${p}`, {
      hint: "use a key that cosign or plimsoll keys create wrote",
    });
  }
  const key = deriveKey(passphrase, Buffer.from(kdf.salt, "base64"), kdf.params);
  try {
    const opened = xsalsa20poly1305(key, Buffer.from(cipher.nonce, "base64")).decrypt(
      Buffer.from(ciphertext, "base64"),
    );
    return createPrivateKey({ key: Buffer.from(opened), format: "der", type: "pkcs8" });
  } catch (cause) {
    throw new PlimsollError("SECRET_WRONG", `${where}: the passphrase does not open this key`, {
      hint: "run the command again with the right passphrase",
      cause,
    });
  }
}

/** In the form that cosign reads. */
export function sealCosignKey(key: KeyObject, passphrase: string): string {
  const salt = randomBytes(32);
  const nonce = randomBytes(24);
  const der = key.export({ type: "pkcs8", format: "der" });
  const sealed = xsalsa20poly1305(deriveKey(passphrase, salt, cost), nonce).encrypt(der);
  const json = encodeJson({
    kdf: { name: "scrypt", params: cost, salt: salt.toString("base64") },
    cipher: { name: "nacl/secretbox", nonce: nonce.toString("base64") },
    ciphertext: Buffer.from(sealed).toString("base64"),
  });
  const lines =
    Buffer.from(json)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${blockName}-----`, ...lines, `-----END ${blockName}-----`, ""].join("\n");
}

function deriveKey(passphrase: string, salt: Uint8Array, { N, r, p }: typeof cost): Uint8Array {
  return scryptSync(passphrase, salt, 32, { N, r, p, maxmem: 256 * N * r });
}
