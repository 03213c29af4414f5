// Bytes as they come from a bad disk, a bad line or a bad mind; the same seed makes the same.

import { chance } from "./random-layer.ts";

/** The same bytes with a few of them changed, left out or doubled. */
export function mutated(bytes: Buffer, seed: number): Buffer {
  const dice = chance(seed);
  const pieces: Buffer[] = [];
  let at = 0;
  for (let count = 1 + dice(6); count > 0; count -= 1) {
    const next = at + dice(Math.max(1, bytes.length - at));
    pieces.push(bytes.subarray(at, next));
    const kind = dice(4);
    if (kind === 0) pieces.push(Buffer.from([dice(256)]));
    if (kind === 1) pieces.push(bytes.subarray(next, next + dice(600)));
    at = kind === 2 ? next + dice(600) : kind === 3 ? next : next + 1;
    if (kind === 3) pieces.push(Buffer.from([(bytes[next] ?? 0) ^ (1 << dice(8))]));
  }
  return Buffer.concat([...pieces, bytes.subarray(at)]);
}
