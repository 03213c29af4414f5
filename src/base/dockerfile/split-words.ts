// Words and flags of an instruction. Blanks separate, quotes hold together, the escape character takes the next one as it is.
// Source: moby/buildkit frontend/dockerfile/parser/split_command.go and line_parsers.go.

export type OffsetWord = { readonly text: string; readonly offset: number };

const isBlank = (character: string): boolean => /[\t\v\f\r\n ]/.test(character);

/** Quotes and escapes stay in the words. */
export function splitWords(text: string, escapeCharacter: string, from: number = 0): readonly OffsetWord[] {
  const words: OffsetWord[] = [];
  for (let at = skipBlanks(text, from); at < text.length; at = skipBlanks(text, at)) {
    const end = wordEnd(text, at, escapeCharacter);
    words.push({ text: text.slice(at, end), offset: at });
    at = end;
  }
  return words;
}

export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charAt(at))) at += 1;
  return at;
}

/** The first blank outside of quotes, or the end. */
function wordEnd(text: string, start: number, escapeCharacter: string): number {
  let quote = "";
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === "" && isBlank(character)) return at;
    // A single quote takes the escape character literally.
    if (character === escapeCharacter && quote !== "'") at += 1;
    else if (quote !== "" && character === quote) quote = "";
    else if (quote === "" && (character === '"' || character === "'")) quote = character;
  }
  return text.length;
}

/** Flags stand before everything else; a bare `--` ends them. @returns also where the arguments begin */
export function splitFlags(
  text: string,
  escapeCharacter: string,
): { readonly flags: readonly OffsetWord[]; readonly rest: number } {
  const flags: OffsetWord[] = [];
  let at = skipBlanks(text, 0);
  while (text.startsWith("--", at)) {
    const end = wordEnd(text, at, escapeCharacter);
    const word = text.slice(at, end);
    if (word === "--") return { flags, rest: skipBlanks(text, end) };
    flags.push({ text: removeQuotes(word, escapeCharacter), offset: at });
    at = skipBlanks(text, end);
  }
  return { flags, rest: at };
}

/** What a word means after its quotes and escapes are gone. */
export function removeQuotes(word: string, escapeCharacter: string): string {
  let result = "";
  let quote = "";
  for (let at = 0; at < word.length; at += 1) {
    const character = word.charAt(at);
    if (character === escapeCharacter && quote !== "'" && at + 1 < word.length) {
      at += 1;
      result += word.charAt(at);
    } else if (quote !== "" && character === quote) quote = "";
    else if (quote === "" && (character === '"' || character === "'")) quote = character;
    else result += character;
  }
  return result;
}
