// Tells whether any of thousands of texts stands in bytes, at about a gigabyte a second in plain JavaScript.
//
// In seven neighbouring bytes there is a whole word of four at a place that divides by four. So of a text of seven bytes or more
// its four words are noted, and the bytes are looked at word by word, in a hashed table. For shorter texts more places are
// looked at. Letters are folded by one bit for the table; what is in it is then compared in full.

export type WantedText = {
  /** Latin-1: one character is one byte. */
  readonly text: string;
  /** ASCII letters match in either case. */
  readonly isCaseless: boolean;
};

export interface WordScreen {
  has(bytes: Uint8Array): boolean;
}

/** Bytes of a text, at least. */
export const leastWanted = 4;

type Candidate = WantedText & {
  /** Bytes of the text before the word. */
  readonly back: number;
};

type Table = {
  /** By hash: bits of the places within a word at which it is wanted. */
  readonly flags: Uint8Array;
  readonly shift: number;
  readonly candidates: ReadonlyMap<number, readonly Candidate[]>;
  /** Of the places, those that are looked at. */
  readonly phases: number;
  /** A second look, hashed otherwise: most of what shares a place by chance goes no further. */
  readonly sure: Uint8Array;
};

const fold = 0x2020_2020;
const factor = 0x9e37_79b1;
const sureFactor = 0x2c1b_3c6d;
const sureShift = 14;
/** Less than one word in thirty shares its place by chance; a quarter of a megabyte at most. */
const roomPerWord = 32;
const mostBits = 18;
const leastBits = 12;
/** By length of what is compared: how many words of it are noted, and at which places (bit 0: those that divide by four). */
const plans = [
  { length: 7, words: 4, phases: 0b0001 },
  { length: 5, words: 2, phases: 0b0101 },
  { length: 4, words: 1, phases: 0b1111 },
] as const;

/** @throws RangeError for a text that is too short */
export function makeWordScreen(texts: readonly WantedText[]): WordScreen {
  const table = makeTable(texts);
  return {
    has(bytes) {
      if (texts.length === 0) return false;
      // Words of four bytes need a start that divides by four.
      const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
      return hasWord(aligned, table) || hasAtEnd(aligned, table);
    },
  };
}

/** How often the rarest part of a text stands in programs and texts, roughly. */
export function commonnessOf({ text }: WantedText): number {
  const { length } = planOf(text);
  return costAt(text, rarestPart(text, length), length);
}

function planOf(text: string): (typeof plans)[number] {
  const plan = plans.find(({ length }) => text.length >= length);
  if (plan === undefined) throw new RangeError(`a text of fewer than ${leastWanted} bytes: ${JSON.stringify(text)}`);
  return plan;
}

function makeTable(texts: readonly WantedText[]): Table {
  const candidates = new Map<number, Candidate[]>();
  const wanted = new Map<number, number>();
  let phases = 0;
  for (const one of texts) {
    const plan = planOf(one.text);
    const start = rarestPart(one.text, plan.length);
    phases |= plan.phases;
    for (let back = start; back < start + plan.words; back++) {
      const word = wordOf(one.text, back);
      wanted.set(word, (wanted.get(word) ?? 0) | plan.phases);
      const others = candidates.get(word);
      if (others === undefined) candidates.set(word, [{ ...one, back }]);
      else others.push({ ...one, back });
    }
  }
  const bits = Math.max(leastBits, Math.min(mostBits, Math.ceil(Math.log2(wanted.size * roomPerWord + 1))));
  const flags = new Uint8Array(2 ** bits);
  for (const [word, places] of wanted) {
    const at = Math.imul(word, factor) >>> (32 - bits);
    flags[at] = (flags[at] ?? 0) | places;
  }
  const sure = new Uint8Array(2 ** (32 - sureShift));
  for (const word of wanted.keys()) sure[Math.imul(word, sureFactor) >>> sureShift] = 1;
  return { flags, shift: 32 - bits, candidates, phases, sure };
}

function wordOf(text: string, at: number): number {
  const code = (place: number): number => text.charCodeAt(at + place);
  return code(0) | (code(1) << 8) | (code(2) << 16) | (code(3) << 24) | fold;
}

function rarestPart(text: string, length: number): number {
  let best = 0;
  for (let at = 1; at + length <= text.length; at++) {
    if (costAt(text, at, length) < costAt(text, best, length)) best = at;
  }
  return best;
}

/** Of its words the most common one: each of them is met by chance. */
function costAt(text: string, at: number, length: number): number {
  let most = 0;
  for (let word = at; word + 4 <= at + length; word++) {
    let cost = 1;
    for (let place = word; place < word + 4; place++) cost *= shares[text.charCodeAt(place)] ?? 1;
    most = Math.max(most, cost);
  }
  return most;
}

/** Of all bytes of programs and texts, roughly. */
const shares = Float64Array.from({ length: 256 }, (_, code) => {
  if (code === 0) return 0.25;
  const character = String.fromCharCode(code).toLowerCase();
  if (/[etaoinsr ]/.test(character)) return 0.05;
  if (/[a-z]/.test(character)) return 0.02;
  return /[0-9_.,/=:"'()-]/.test(character) ? 0.01 : 0.004;
});

/** One question for each word, written out: it is what all the time goes into. */
function hasWord(bytes: Uint8Array, table: Table): boolean {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  const last = words.length - 1;
  const { flags, shift, phases } = table;
  let low = words[0] ?? 0;
  for (let at = 0; at < last; at++) {
    const high = words[at + 1] ?? 0;
    let found = (flags[Math.imul(low | fold, factor) >>> shift] ?? 0) & 1;
    if (phases > 1) {
      found |= (flags[Math.imul((low >>> 16) | (high << 16) | fold, factor) >>> shift] ?? 0) & 4;
      if (phases > 5) {
        found |= (flags[Math.imul((low >>> 8) | (high << 24) | fold, factor) >>> shift] ?? 0) & 2;
        found |= (flags[Math.imul((low >>> 24) | (high << 8) | fold, factor) >>> shift] ?? 0) & 8;
      }
    }
    if (found !== 0 && isOneThere(bytes, low, high, at * 4, table)) return true;
    low = high;
  }
  return false;
}

function isOneThere(bytes: Uint8Array, low: number, high: number, at: number, table: Table): boolean {
  return (
    isThere(bytes, low, at, table) ||
    isThere(bytes, (low >>> 8) | (high << 24), at + 1, table) ||
    isThere(bytes, (low >>> 16) | (high << 16), at + 2, table) ||
    isThere(bytes, (low >>> 24) | (high << 8), at + 3, table)
  );
}

/** What begins in the last two words, of which the second may be cut. */
function hasAtEnd(bytes: Uint8Array, table: Table): boolean {
  for (let at = Math.max(0, (bytes.length & ~3) - 4); at + 4 <= bytes.length; at++) {
    const [first = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(at, at + 4);
    if (isThere(bytes, first | (second << 8) | (third << 16) | (fourth << 24), at, table)) return true;
  }
  return false;
}

function isThere(bytes: Uint8Array, word: number, at: number, { sure, candidates }: Table): boolean {
  const folded = word | fold;
  if (sure[Math.imul(folded, sureFactor) >>> sureShift] === 0) return false;
  const found = candidates.get(folded);
  return found?.some((candidate) => isEqual(candidate, bytes, at - candidate.back)) ?? false;
}

function isEqual({ text, isCaseless }: Candidate, bytes: Uint8Array, start: number): boolean {
  if (start < 0 || start + text.length > bytes.length) return false;
  for (let at = 0; at < text.length; at++) {
    const [found = 0, wanted] = [bytes[start + at], text.charCodeAt(at)];
    if (found !== wanted && !(isCaseless && lower(found) === lower(wanted))) return false;
  }
  return true;
}

function lower(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}
