// The public half of a token's key, from its attributes to SPKI.
// Source: PKCS #11 v2.40 current mechanisms, sections 2.3.3 (CKA_EC_POINT) and 2.1.2 (RSA); RFC 5480, RFC 8017 appendix A.

import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { malformed } from "../../base/errors.ts";

/** DER of the curve's name -> its name in a JWK and the bytes of a coordinate. */
const curves: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  "06082a8648ce3d030107": { name: "P-256", bytes: 32 },
  "06052b81040022": { name: "P-384", bytes: 48 },
};

/** ykcs11 spells the curve out instead of naming it: SHA-256 of exactly those parameters. */
const spelledOut: Readonly<Record<string, string>> = {
  "40c3c405abfc62e096cb6491f85f967d6d75ede716604629654910c475d4b846": "06082a8648ce3d030107",
  "19a03321b63c6490867791325fc61a4df548ffaf40b94e499793a6267e5a72dd": "06052b81040022",
};

/** @param point as the token gives it: the point itself, or inside an OCTET STRING */
export function ecPublicKey(params: Uint8Array, point: Uint8Array): KeyObject {
  const hash = createHash("sha256").update(params).digest("hex");
  const curve = curves[spelledOut[hash] ?? Buffer.from(params).toString("hex")];
  if (curve === undefined) throw malformed("token's key", "expected a key on P-256 or P-384");
  const whole = 1 + 2 * curve.bytes;
  const raw = point.subarray(point.byteLength - whole);
  if (raw.byteLength !== whole || raw[0] !== 4) throw malformed("token's key", "expected an uncompressed point");
  const coordinate = (at: number): string => Buffer.from(raw.subarray(at, at + curve.bytes)).toString("base64url");
  const jwk = { kty: "EC", crv: curve.name, x: coordinate(1), y: coordinate(1 + curve.bytes) };
  return createPublicKey({ key: jwk, format: "jwk" });
}

export function rsaPublicKey(modulus: Uint8Array, exponent: Uint8Array): KeyObject {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
  return createPublicKey({ key: { kty: "RSA", n: text(modulus), e: text(exponent) }, format: "jwk" });
}
