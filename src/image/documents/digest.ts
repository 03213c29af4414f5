// Digests as images use them. Source: OCI image-spec v1.1.0, descriptor.md, "Digests"; only SHA-256 is taken.

import { createHash } from "node:crypto";
import { malformed, PlimsollError } from "../../base/errors.ts";
import type { Decoder } from "../../base/schema.ts";
import type { Digest } from "../../model/image.ts";

const pattern = /^sha256:[a-f0-9]{64}$/;

export const digest: Decoder<Digest> = (value, path) => {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw malformed(
    path,
    `expected sha256: and 64 lower-case hex digits, found ${typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : typeof value}`,
  );
};

export function isDigest(text: string): boolean {
  return pattern.test(text);
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** @throws PlimsollError DIGEST_MISMATCH */
export function checkDigest(bytes: Uint8Array, expected: Digest, what: string): void {
  const found = digestOf(bytes);
  if (found !== expected) throw mismatch(what, expected, found);
}

export function mismatch(what: string, expected: string, found: string): PlimsollError {
  return new PlimsollError("DIGEST_MISMATCH", `${what}: expected ${expected}, found ${found}`, {
    hint: "fetch the image again from a registry that you trust",
  });
}
