// Identifiers of requests: ULIDs, 26 characters that sort by time.
// Source: github.com/ulid/spec, "Specification" (48 bits of milliseconds, 80 of randomness, Crockford base 32).

import { randomBytes } from "node:crypto";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** @param nowMs milliseconds since 1970 */
export function requestId(nowMs: number): string {
  let time = "";
  for (let rest = nowMs, index = 0; index < 10; index++, rest = Math.floor(rest / 32)) time = digit(rest % 32) + time;
  // One byte a digit: 5 bits of each are used, so every digit is uniform.
  return time + Array.from(randomBytes(16), (byte) => digit(byte % 32)).join("");
}

function digit(value: number): string {
  return alphabet.charAt(value);
}
