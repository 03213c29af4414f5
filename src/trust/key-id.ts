// The name of a key: the SHA-256 of its public half, so that a name cannot be claimed.

import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { malformed } from "../base/errors.ts";
import { weaknessOf } from "./key-strength.ts";

export function keyId(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
}

/** @throws PlimsollError MALFORMED_INPUT @param where for the message */
export function keyIdOfPem(pem: string, where: string): string {
  return keyId(readPublicKey(pem, where));
}

/** A public key, and nothing that only contains one: a private key here is a mistake that must be heard. */
export function readPublicKey(pem: string, where: string): KeyObject {
  if (!pem.includes("-----BEGIN PUBLIC KEY-----")) {
    throw malformed(where, "expected a public key in PEM (-----BEGIN PUBLIC KEY-----)");
  }
  const key = publicKeyOf(pem, where);
  const weakness = weaknessOf(key);
  if (weakness !== "") throw malformed(where, `expected a key that can be relied on, found ${weakness}`);
  return key;
}

function publicKeyOf(pem: string, where: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch {
    throw malformed(where, "expected a public key in PEM, found something that cannot be read");
  }
}

/** What a trusted root goes by: SHA-256 of its text. */
export function rootId(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
