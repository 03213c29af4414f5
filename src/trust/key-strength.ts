// Which keys a signature is believed by at all, and over which hashes they sign.
// Source: NIST SP 800-131A rev. 2 (RSA from 2048 bits); sigstore/sigstore pkg/signature, where cosign 2 signs with SHA-256 whatever
// the key, cosign 3 with the hash that belongs to the curve.

import type { KeyObject } from "node:crypto";

const minRsaBits = 2048;
const hashes: Readonly<Record<string, readonly string[]>> = {
  prime256v1: ["sha256"],
  secp384r1: ["sha384", "sha256"],
  secp521r1: ["sha512", "sha256"],
};

/** @returns why it is not believed, one sentence; "" when it is */
export function weaknessOf(key: KeyObject): string {
  const { modulusLength = 0, namedCurve = "another curve" } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case "rsa":
      return modulusLength >= minRsaBits
        ? ""
        : `an RSA key of ${modulusLength} bits, where ${minRsaBits} are the least`;
    case "ec":
      return namedCurve in hashes ? "" : `a key on ${namedCurve}, where P-256, P-384 and P-521 are taken`;
    case "ed25519":
      return "";
    default:
      return `a key of the kind ${key.asymmetricKeyType ?? "secret"}, where RSA, EC and Ed25519 are taken`;
  }
}

/** For `crypto.verify`: null where the algorithm has its own. Which one it was is nowhere written. */
export function hashesOf(key: KeyObject): readonly (string | null)[] {
  if (key.asymmetricKeyType === "ed25519") return [null];
  return hashes[key.asymmetricKeyDetails?.namedCurve ?? ""] ?? ["sha256"];
}
