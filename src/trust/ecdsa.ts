// The two spellings of an ECDSA signature: DER (X.509, cosign) and r||s of fixed length (JOSE, COSE, PKCS #11).
// Source: RFC 3279 section 2.2.3; IEEE P1363.

import type { KeyObject } from "node:crypto";
import { malformed } from "../base/errors.ts";

const integerTag = 0x02;
const sequenceTag = 0x30;

export function ecdsaToP1363(der: Uint8Array, key: KeyObject): Uint8Array {
  const length = lengthOf(key);
  const [tag, ...rest] = der;
  const body = tag === sequenceTag ? readBody(Uint8Array.from(rest)) : undefined;
  const r = body === undefined ? undefined : readInteger(body, 0);
  const s = body === undefined || r === undefined ? undefined : readInteger(body, r.end);
  if (body === undefined || r === undefined || s === undefined || s.end !== body.length) {
    throw malformed("ECDSA signature", "expected two integers in DER");
  }
  const whole = new Uint8Array(length * 2);
  for (const [at, { value }] of [r, s].entries()) {
    if (value.length > length) throw malformed("ECDSA signature", "a number that is longer than the key");
    whole.set(value, length * (at + 1) - value.length);
  }
  return whole;
}

export function p1363ToDer(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const body = [writeInteger(signature.subarray(0, half)), writeInteger(signature.subarray(half))].flat();
  return Uint8Array.from([sequenceTag, ...(body.length < 128 ? [body.length] : [0x81, body.length]), ...body]);
}

function lengthOf(key: KeyObject): number {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve === "prime256v1") return 32;
  if (curve === "secp384r1") return 48;
  if (curve === "secp521r1") return 66;
  throw malformed("ECDSA key", `expected P-256, P-384 or P-521, found ${curve ?? "no curve"}`);
}

/** The bytes behind a length in short form or with one length byte: more no signature needs. */
function readBody(bytes: Uint8Array): Uint8Array | undefined {
  const first = bytes[0] ?? 0;
  const [length, start] = first < 128 ? [first, 1] : [bytes[1] ?? 0, 2];
  if (first > 0x81 || bytes.length !== start + length) return undefined;
  return bytes.subarray(start);
}

function readInteger(bytes: Uint8Array, at: number): { readonly value: Uint8Array; readonly end: number } | undefined {
  const length = bytes[at + 1] ?? 0;
  const end = at + 2 + length;
  if (bytes[at] !== integerTag || length === 0 || length > 127 || end > bytes.length) return undefined;
  const value = bytes.subarray(at + 2, end);
  return { value: value[0] === 0 ? value.subarray(1) : value, end };
}

function writeInteger(value: Uint8Array): readonly number[] {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start++;
  const digits = [...value.subarray(start)];
  const padded = (digits[0] ?? 0) >= 128 ? [0, ...digits] : digits;
  return [integerTag, padded.length, ...padded];
}
