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

/** The same for a pattern that is known beforehand: most have one star at an end, and need no search. */
export function compileGlob(pattern: string): (text: string) => boolean {
  const parts = pattern.split("*");
  const [first = "", second = "", third = ""] = parts;
  if (pattern.includes("?") || parts.length > 3) return (text) => matchesGlob(text, pattern);
  if (parts.length === 1) return (text) => text === pattern;
  if (parts.length === 2) {
    const shortest = first.length + second.length;
    return (text) => text.length >= shortest && text.endsWith(second) && text.startsWith(first);
  }
  if (first === "" && third === "") return (text) => text.includes(second);
  return (text) => matchesGlob(text, pattern);
}
