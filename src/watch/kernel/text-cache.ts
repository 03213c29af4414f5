// Texts that come again and again - names of processes, paths of files - are made once and found by their bytes afterwards:
// making a text costs more than all else that an event needs.

import type { RingMemory } from "./ring.ts";

const places = 2048;
/** Longer texts are rare, and made each time. */
const mostWords = 40;

/**
 * @param make the text of these bytes; `kind` is part of what is looked for
 * @returns a reader; its start must be a multiple of four
 */
export function createTextCache(
  { words }: RingMemory,
  make: (start: number, length: number, kind: number) => string,
): (start: number, length: number, kind: number) => string {
  const keys = new Uint32Array(places * (mostWords + 1));
  const texts: string[] = new Array(places).fill("");
  return (start, length, kind) => {
    const count = (length + 3) >>> 2;
    if (count > mostWords) return make(start, length, kind);
    const first = start >>> 2;
    const head = (length << 8) | kind;
    // Behind the text lies what was there before.
    const mask = (length & 3) === 0 ? 0xffff_ffff : (1 << (8 * (length & 3))) - 1;
    let hash = head;
    for (let at = 0; at < count - 1; at++)
      hash = Math.imul(hash ^ (words[first + at] ?? 0), 0x0100_0193) ^ (hash >>> 15);
    const last = ((words[first + count - 1] ?? 0) & mask) >>> 0;
    hash = Math.imul(hash ^ last, 0x9e37_79b1);
    const place = (hash >>> 16) & (places - 1);
    const key = place * (mostWords + 1);
    if (keys[key] === head && keys[key + count] === last && isSame(keys, key + 1, words, first, count - 1)) {
      return texts[place] ?? "";
    }
    const text = make(start, length, kind);
    keys[key] = head;
    for (let at = 0; at < count - 1; at++) keys[key + 1 + at] = words[first + at] ?? 0;
    keys[key + count] = last;
    texts[place] = text;
    return text;
  };
}

function isSame(left: Uint32Array, from: number, right: Uint32Array, start: number, count: number): boolean {
  for (let at = 0; at < count; at++) if (left[from + at] !== right[start + at]) return false;
  return true;
}
