// The order inside one part of a Debian version: runs of digits by number, runs of other characters by letter, `~` before all.
// Source: deb-version(7), "Sorting algorithm".

/** A part of a text, `to` exclusive. */
export type Bounds = { readonly from: number; readonly to: number };

export function pieceOf(text: string, bounds: Bounds): string {
  return text.slice(bounds.from, bounds.to);
}

export function compareNatural(left: string, right: string): number {
  let [at, to] = [0, 0];
  while (at < left.length || to < right.length) {
    while (isOther(left, at) || isOther(right, to)) {
      const difference = weight(left, at) - weight(right, to);
      if (difference !== 0) return difference;
      at += 1;
      to += 1;
    }
    const [a, b] = [digitsAt(left, at), digitsAt(right, to)];
    at += a.length;
    to += b.length;
    const difference = compareDigits(a, b);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Numbers of any length. */
export function compareDigits(left: string, right: string): number {
  const [a, b] = [left.replace(/^0+/, ""), right.replace(/^0+/, "")];
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

function digitsAt(text: string, start: number): string {
  let end = start;
  while (isDigit(text.charCodeAt(end))) end += 1;
  return text.slice(start, end);
}

function isOther(text: string, at: number): boolean {
  return at < text.length && !isDigit(text.charCodeAt(at));
}

/** NaN, behind the end, is no digit. */
function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function weight(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (Number.isNaN(code) || isDigit(code)) return 0;
  if (code === 126) return -1;
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return isLetter ? code : code + 256;
}
