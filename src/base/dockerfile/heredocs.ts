// Which words of an instruction open a heredoc: `<<EOF`, `<<-EOF`, `3<<"EOF"`, and `<< EOF` with blanks between (but not `<<- EOF`).
// Source: moby/buildkit frontend/dockerfile/parser/parser.go, reHeredoc and ParseHeredoc.

import { type OffsetWord, removeQuotes } from "./split-words.ts";

export type HeredocStart = {
  readonly name: string;
  readonly offset: number;
  readonly isExpanded: boolean;
  readonly isIndented: boolean;
};

export function findHeredocs(words: readonly OffsetWord[], escapeCharacter: string): readonly HeredocStart[] {
  return words.flatMap(({ text, offset }, at) => {
    const match = /^\d*<<(-?)([^<]*)$/.exec(text);
    const isApart = match?.[0].endsWith("<<") === true;
    const written = isApart ? (words[at + 1]?.text ?? "") : (match?.[2] ?? "");
    const name = removeQuotes(written, escapeCharacter);
    if (match === null || name === "" || /\s/.test(name) || written.includes("<")) return [];
    return [{ name, offset, isIndented: match[1] === "-", isExpanded: name === written }];
  });
}
