// Random choices that are the same in every run.

export type Random = {
  /** 0 <= n < limit */
  number(limit: number): number;
  pick<T>(items: readonly T[]): T;
  text(alphabet: string, length: number): string;
  bytes(length: number): Buffer;
};

export const digits = "0123456789";
export const lower = "abcdefghijklmnopqrstuvwxyz";
export const upper = lower.toUpperCase();
export const letters = `${upper}${lower}`;
export const alphanumeric = `${digits}${letters}`;
export const hexadecimal = "0123456789abcdef";
export const urlSafe = `${alphanumeric}-_`;
export const base64 = `${alphanumeric}+/`;

/** A generator of the family mulberry32: small, fast and even enough to make test data. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const number = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[number(items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  };
  const text = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet[number(alphabet.length)]).join("");
  return { number, pick, text, bytes: (length) => Buffer.from(Array.from({ length }, () => number(256))) };
}
