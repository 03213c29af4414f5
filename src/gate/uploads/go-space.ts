// What Go's unicode.IsSpace takes for space: without U+FEFF, with U+0085, unlike `\\s`.

const goSpaces = "[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const leading = new RegExp(`^${goSpaces}+`);
const trailing = new RegExp(`${goSpaces}+$`);

/** Of one character. */
export const goSpace = new RegExp(`^${goSpaces}$`);

export function withoutIndent(line: string): string {
  return line.replace(leading, "");
}

export function trimmedOf(line: string): string {
  return withoutIndent(line).replace(trailing, "");
}
