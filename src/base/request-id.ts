// Identifiers of requests: ULIDs, 26 characters that sort by time.
// Source: github.com/ulid/spec, "Specification" (48 bits of milliseconds, 80 of randomness, Crockford base 32).

import { randomUUID } from "node:crypto";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Two digits at once: ten bits. */
const pairs: readonly string[] = Array.from(
  { length: 1024 },
  (_, value) => alphabet.charAt(value >> 5) + alphabet.charAt(value & 31),
);

/** @param nowMs milliseconds since 1970 */
export function requestId(nowMs: number): string {
  const high = Math.floor(nowMs / 2 ** 20);
  const low = Math.floor(nowMs) % 2 ** 20;
  return pair(high >> 20) + fourDigits(high) + fourDigits(low) + randomDigits();
}

/**
 * 16 digits of 5 random bits each, from those hexadecimal digits of a version 4 UUID that are random. Node draws UUIDs from
 * a pool, which is twenty times cheaper than asking the system for so few bytes with each request.
 */
function randomDigits(): string {
  const uuid = randomUUID();
  return (
    fourDigits(hexValue(uuid, 0)) +
    fourDigits(hexValue(uuid, 24)) +
    fourDigits(hexValue(uuid, 29)) +
    fourDigits((hexValue(uuid, 9) & 0xffff0) | digitValue(uuid, 5))
  );
}

/** Of the lower 20 bits. */
function fourDigits(value: number): string {
  return pair((value >> 10) & 1023) + pair(value & 1023);
}

function pair(value: number): string {
  return pairs[value] ?? "";
}

/** Of five hexadecimal digits; a hyphen counts as 0. */
function hexValue(text: string, at: number): number {
  let value = 0;
  for (let index = at; index < at + 5; index++) value = (value << 4) | digitValue(text, index);
  return value;
}

/** Of `0`-`9` and `a`-`f`. */
function digitValue(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 0x61 ? (code - 0x30) & 15 : code - 0x57;
}
