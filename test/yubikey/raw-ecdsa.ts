// ECDSA on P-256 over a hash that is given, as a card's chip does it; Node only signs what it hashes itself.
// For the test card alone: nothing here is done in constant time. Source: FIPS 186-5, section 6.4; SEC 2, secp256r1.

import { type KeyObject, randomBytes } from "node:crypto";
import { tlv } from "./tlv.ts";

type Point = readonly [bigint, bigint];

const prime = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const generator: Point = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
];

/** @returns DER */
export function signHash(key: KeyObject, hash: Buffer): Buffer {
  const secret = BigInt(`0x${Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url").toString("hex")}`);
  const z = BigInt(`0x${hash.toString("hex")}`);
  for (;;) {
    const nonce = BigInt(`0x${randomBytes(32).toString("hex")}`) % order;
    const point = nonce === 0n ? undefined : multiply(nonce, generator);
    const r = remainder(point?.[0] ?? 0n, order);
    const s = r === 0n ? 0n : remainder(inverse(nonce, order) * (z + r * secret), order);
    if (s !== 0n) return tlv("30", Buffer.concat([integer(r), integer(s)]));
  }
}

function multiply(times: bigint, point: Point): Point | undefined {
  let sum: Point | undefined;
  let doubled: Point | undefined = point;
  for (let rest = times; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) sum = add(sum, doubled);
    doubled = add(doubled, doubled);
  }
  return sum;
}

function add(left: Point | undefined, right: Point | undefined): Point | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  const [x1, y1] = left;
  const [x2, y2] = right;
  if (x1 === x2 && y1 !== y2) return undefined;
  const slope =
    x1 === x2
      ? remainder((3n * x1 * x1 - 3n) * inverse(2n * y1, prime), prime)
      : remainder((y2 - y1) * inverse(x2 - x1, prime), prime);
  const x = remainder(slope * slope - x1 - x2, prime);
  return [x, remainder(slope * (x1 - x) - y1, prime)];
}

function inverse(of: bigint, modulus: bigint): bigint {
  let [a, b, u, v] = [remainder(of, modulus), modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [b, a] = [a, b % a];
    [v, u] = [u, v - quotient * u];
  }
  return remainder(u, modulus);
}

function remainder(of: bigint, modulus: bigint): bigint {
  return ((of % modulus) + modulus) % modulus;
}

function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, "hex");
  return tlv("02", (bytes[0] ?? 0) >= 128 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}
