// Ids that stay the same for the same content: a second report of the same scan names the same things alike.
// Source: RFC 9562, section 5.8 (UUID version 8: own hash).

import { createHash } from "node:crypto";

export function hashOf(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex");
}

export function uuidOf(...parts: readonly string[]): string {
  const hex = hashOf(...parts);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
