// A policy file as text, cut into its policies with their lines kept, so that every deny can name file and line.
// Source: Cedar grammar: ';' ends a policy and occurs nowhere else outside strings and comments.

export type PolicySource = {
  /** The set's name; rules are called NAME/ID: `baseline`. */
  readonly name: string;
  /** For messages: `policies/baseline.cedar`. */
  readonly file: string;
  readonly text: string;
};

export type PolicyText = {
  readonly text: string;
  /** 1-based line of the first character. */
  readonly line: number;
};

/** Everything between two top-level semicolons; text after the last one is a piece of its own, so that Cedar complains of it. */
export function splitPolicies(text: string): readonly PolicyText[] {
  const pieces: PolicyText[] = [];
  let start = skipBlank(text, 0);
  let at = start;
  while (at < text.length) {
    const next = skipToken(text, at);
    if (text[at] === ";") {
      pieces.push({ text: text.slice(start, next), line: lineAt(text, start) });
      start = skipBlank(text, next);
      at = start;
    } else {
      at = next;
    }
  }
  if (start < text.length) pieces.push({ text: text.slice(start), line: lineAt(text, start) });
  return pieces;
}

/** 1-based line of a character. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < index; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}

/** Lines that lie before a place that Cedar gives in UTF-8 bytes. */
export function linesBeforeByte(text: string, byte: number): number {
  return Buffer.from(text).subarray(0, byte).toString("utf8").split("\n").length - 1;
}

/** The index after white space and comments. */
function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    if (/\s/u.test(text.charAt(at))) at += 1;
    else if (text.startsWith("//", at)) at = endOfLine(text, at);
    else return at;
  }
  return at;
}

/** The index after one string, one comment or one character. */
function skipToken(text: string, from: number): number {
  if (text.startsWith("//", from)) return endOfLine(text, from);
  if (text[from] !== '"') return from + 1;
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, text.length);
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}
