// The flags of an instruction as the builders take them apart: byte by byte, with quotes and escapes gone, so that
// `--fr\om=x`, `--"from"=x` and a flag behind half a letter are what they become.
// Source: moby/buildkit frontend/dockerfile/parser/line_parsers.go, extractBuilderFlags.

/** Bytes that Go's unicode.IsSpace takes for a space when it is shown them one by one. */
const space = /[\t\n\v\f\r \x85\xa0]/;

export type FlaggedWords = {
  /** Words that begin with `--`, up to the first that does not; bytes above 0x7f as Latin-1. */
  readonly flags: readonly string[];
  /** What is behind them, as written. */
  readonly rest: string;
};

/** @param text an instruction without its keyword */
export function takeFlags(text: string): FlaggedWords {
  const line = Buffer.from(text).toString("latin1");
  const flags: string[] = [];
  for (let at = 0; ; ) {
    while (at < line.length && space.test(line.charAt(at))) at += 1;
    const { word, end } = line.startsWith("--", at) ? wordAt(line, at) : { word: "--", end: at };
    if (word === "--") return { flags, rest: Buffer.from(line.slice(end), "latin1").toString("utf8") };
    flags.push(word);
    at = end;
  }
}

function wordAt(line: string, start: number): { readonly word: string; readonly end: number } {
  let word = "";
  let quote = "";
  let at = start;
  for (; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (quote === "" && space.test(character)) break;
    if (character === "\\") {
      at += 1;
      word += line.charAt(at);
    } else if (character === quote) quote = "";
    else if (quote === "" && (character === '"' || character === "'")) quote = character;
    else word += character;
  }
  return { word, end: at };
}
