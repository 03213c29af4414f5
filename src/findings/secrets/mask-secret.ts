// What may be shown of a secret: enough to recognize it, never enough to use it.

import { createHash } from "node:crypto";

const stars = "************";

/** Passwords show nothing, not even their length; long tokens show four characters at each end. */
export function maskSecret(secret: string, isPassword: boolean): string {
  if (isPassword || secret.length < 20 || secret.startsWith("-----") || /[\r\n]/.test(secret)) return stars;
  const printableEnds = /^[\x21-\x7e]{4}.*[\x21-\x7e]{4}$/s.test(secret);
  if (!printableEnds) return stars;
  return secret.length < 32 ? `${secret.slice(0, 4)}${stars}` : `${secret.slice(0, 4)}${stars}${secret.slice(-4)}`;
}

/** The same for the same secret wherever it stands. */
export function secretFingerprint(secret: string): string {
  return createHash("sha256").update(secret, "latin1").digest("hex");
}
