// Patterns with `*` (anything, slashes too) and `?` (one character). Never slower than length times length: names in events
// are chosen by whoever is being watched.

export function matchesGlob(text: string, pattern: string): boolean {
  let at = 0;
  let star = -1;
  let resumeAt = 0;
  let position = 0;
  while (at < text.length) {
    const wanted = pattern.charCodeAt(position);
    if (position < pattern.length && wanted === asterisk) {
      star = position++;
      resumeAt = at;
    } else if (position < pattern.length && (wanted === questionMark || wanted === text.charCodeAt(at))) {
      position++;
      at++;
    } else if (star >= 0) {
      position = star + 1;
      at = ++resumeAt;
    } else return false;
  }
  while (pattern.charCodeAt(position) === asterisk) position++;
  return position === pattern.length;
}

const asterisk = 0x2a;
const questionMark = 0x3f;
