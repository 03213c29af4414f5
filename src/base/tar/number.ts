// The numbers of a tar header: octal text, or base 256 when the first bit is set, read as Go's archive/tar reads them.
// Source: POSIX.1-1988 ustar; GNU tar manual, "Extensions"; go/src/archive/tar/strconv.go, parseNumeric.

const blank = 0x20;
const largestInt64 = 2 ** 63;

/** @returns NaN where Go refuses the header: no octal digits, or beyond 64 bits; beyond 2^53 the value is rounded */
export function readNumber(block: Buffer, start: number, end: number): number {
  if (((block[start] ?? 0) & 0x80) !== 0) return readBinary(block, start, end);
  let at = start;
  let last = end;
  while (at < last && isBlank(block[at])) at += 1;
  while (last > at && isBlank(block[last - 1])) last -= 1;
  let value = 0;
  for (; at < last; at += 1) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit === -0x30) break;
    if (digit < 0 || digit > 7) return Number.NaN;
    value = value * 8 + digit;
  }
  return value;
}

/** Whether other readers get another number: text after a leading NUL (they read nothing), base 256 with an unusual first byte. */
export function isOddNumber(block: Buffer, start: number, end: number): boolean {
  const first = block[start] ?? 0;
  if (first === 0) return block.subarray(start, end).some((byte) => !isBlank(byte));
  return first > 0x80 && first !== 0xff;
}

function isBlank(byte: number | undefined): boolean {
  return byte === blank || byte === 0;
}

/** Two's complement, big endian; the first bit is only the mark. */
function readBinary(block: Buffer, start: number, end: number): number {
  const first = block[start] ?? 0;
  const inverted = (first & 0x40) === 0 ? 0 : 0xff;
  let value = (first ^ inverted) & 0x7f;
  for (let at = start + 1; at < end; at += 1) value = value * 256 + ((block[at] ?? 0) ^ inverted);
  if (value >= largestInt64) return Number.NaN;
  return inverted === 0 ? value : -value - 1;
}
