// Checksums that issuers build into their tokens, so that a scanner can tell a real one from a random text.
// Sources: GitHub, "Behind GitHub's new authentication token formats" (2021); npm changelog 2021-09-23; Grafana,
// pkg/components/satokengen; GitLab handbook, "Routable Tokens"; Confluent Cloud API secrets; BIP 173 (bech32).

import { crc32 } from "node:zlib";

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** GitHub and npm: a prefix that ends in `_`, then a body whose last six characters are its CRC-32 in base 62. */
export function hasBase62Checksum(secret: string): boolean {
  const body = secret.slice(secret.indexOf("_") + 1);
  return base62Checksum(body.slice(0, -6)) === body.slice(-6);
}

export function base62Checksum(text: string): string {
  let rest = crc32(text);
  let digits = "";
  for (let count = 0; count < 6; count += 1) {
    digits = `${base62[rest % 62]}${digits}`;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/** Grafana: the CRC-32 of all before the last `_`, little-endian, in hexadecimal. */
export function hasGrafanaChecksum(secret: string): boolean {
  const split = secret.lastIndexOf("_");
  return littleEndianCrc(secret.slice(0, split)).toString("hex") === secret.slice(split + 1);
}

/** Confluent: `cflt`, 54 characters, and the first six of the base64 of their CRC-32. */
export function hasConfluentChecksum(secret: string): boolean {
  return littleEndianCrc(secret.slice(4, 58)).toString("base64").slice(0, 6) === secret.slice(58);
}

/** GitLab's routable tokens: `.`, two digits, `.`, length of the payload and CRC-32 of all before, in base 36. */
export function hasGitlabChecksum(secret: string): boolean {
  const [, payload = "", length = "", sum = ""] =
    /^[a-z]+-([\w-]+)\.[0-9a-z]{2}\.([0-9a-z]{2})([0-9a-z]{7})$/.exec(secret) ?? [];
  const isLong = Number.parseInt(length, 36) === payload.length;
  return isLong && crc32(secret.slice(0, -7)).toString(36).padStart(7, "0") === sum;
}

export function littleEndianCrc(text: string): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(crc32(text));
  return bytes;
}

const bech32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

/** age: bech32 in capitals, human-readable part `AGE-SECRET-KEY-`. */
export function hasBech32Checksum(secret: string): boolean {
  const split = secret.lastIndexOf("1");
  const values = [...secret.slice(split + 1)].map((character) => bech32.indexOf(character));
  return !values.includes(-1) && bech32Remainder(secret.slice(0, split).toLowerCase(), values) === 1;
}

/** The six characters that end a bech32 text. */
export function bech32Checksum(prefix: string, values: readonly number[]): string {
  const remainder = bech32Remainder(prefix.toLowerCase(), [...values, 0, 0, 0, 0, 0, 0]) ^ 1;
  return Array.from({ length: 6 }, (_, at) => bech32[(remainder >>> (5 * (5 - at))) & 31]).join("");
}

function bech32Remainder(prefix: string, values: readonly number[]): number {
  const codes = [...prefix].map((character) => character.charCodeAt(0));
  const expanded = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...values];
  const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let sum = 1;
  for (const value of expanded) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of generators.entries()) if (((top >>> bit) & 1) === 1) sum ^= generator;
  }
  return sum;
}
