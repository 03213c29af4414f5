// Which words of an instruction open a heredoc: `<<EOF`, `<<-EOF`, `3<<"EOF"`.
// Source: moby/buildkit frontend/dockerfile/parser/parser.go, reHeredoc and ParseHeredoc.

import { type OffsetWord, removeQuotes } from "./split-words.ts";

export type HeredocStart = {
  readonly name: string;
  readonly offset: number;
  readonly isExpanded: boolean;
  readonly isIndented: boolean;
};

export function findHeredocs(words: readonly OffsetWord[], escapeCharacter: string): readonly HeredocStart[] {
  return words.flatMap(({ text, offset }) => {
    const match = /^\d*<<(-?)([^<]+)$/.exec(text);
    const written = match?.[2] ?? "";
    const name = removeQuotes(written, escapeCharacter);
    if (match === null || name === "" || /\s/.test(name)) return [];
    return [{ name, offset, isIndented: match[1] === "-", isExpanded: name === written }];
  });
}
