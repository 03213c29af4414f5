// The commands in a shell text, as far as rules need them: words without quotes, and which command's output goes into which.
// It is no shell: substitutions stay text, control words are skipped.

import type { Position } from "../../base/dockerfile/dockerfile.ts";

export type ShellCommand = {
  /** Last part of the program's path, after assignments, sudo and their kin. */
  readonly name: string;
  /** All words, unquoted, the program first. */
  readonly words: readonly string[];
  /** As written; of a very long command the beginning. */
  readonly text: string;
  readonly at: Position;
  /** The command whose output this one reads. */
  readonly input: ShellCommand | undefined;
};

type Token = { readonly text: string; readonly offset: number; readonly isOperator: boolean };

const maxCommands = 5000;
const maxTextLength = 4000;
const controlWords: ReadonlySet<string> = new Set([
  "if",
  "then",
  "else",
  "elif",
  "fi",
  "do",
  "done",
  "while",
  "until",
  "{",
  "}",
  "(",
  ")",
  "!",
  "time",
  "case",
  "esac",
]);
const wrappers: ReadonlySet<string> = new Set([
  "sudo",
  "env",
  "exec",
  "nice",
  "nohup",
  "command",
  "builtin",
  "eatmydata",
  "timeout",
]);

export function shellCommands(text: string, positionOf: (offset: number) => Position): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: Token[] = [];
  let input: ShellCommand | undefined;
  const finish = (operator: string, end: number): void => {
    const command = toCommand(words, text.slice(words[0]?.offset ?? end, end), input, positionOf);
    words = [];
    if (command !== undefined) commands.push(command);
    input = operator === "|" || operator === "|&" ? command : undefined;
  };
  for (const token of tokenize(text)) {
    if (commands.length >= maxCommands) break;
    if (token.isOperator) finish(token.text, token.offset);
    else words.push(token);
  }
  finish("", text.length);
  return commands;
}

function toCommand(
  tokens: readonly Token[],
  text: string,
  input: ShellCommand | undefined,
  positionOf: (offset: number) => Position,
): ShellCommand | undefined {
  const words = tokens.map((token) => unquote(token.text));
  let first = 0;
  while (first < words.length && isPrefix(words, first)) first += 1;
  const at = tokens[first];
  const program = words[first];
  if (at === undefined || program === undefined) return undefined;
  return {
    name: program.split("/").at(-1) ?? "",
    words: words.slice(first),
    text: text.trim().slice(0, maxTextLength),
    at: positionOf(at.offset),
    input,
  };
}

function isPrefix(words: readonly string[], at: number): boolean {
  const word = words[at] ?? "";
  if (controlWords.has(word) || /^\w+=/.test(word) || wrappers.has(word)) return true;
  // Options and numbers of a wrapper: sudo -E, timeout 30.
  const previous = words.slice(0, at).findLast((each) => !/^-|^\d/.test(each)) ?? "";
  return /^-|^\d/.test(word) && wrappers.has(previous);
}

function* tokenize(text: string): Generator<Token> {
  let at = 0;
  while (at < text.length) {
    const rest = /^(?:&&|\|\||\|&|[;|&\n]|\\\n)/.exec(text.slice(at, at + 2));
    if (rest !== null && rest[0] !== "\\\n") {
      yield { text: rest[0], offset: at, isOperator: true };
      at += rest[0].length;
    } else if (rest !== null || /\s/.test(text.charAt(at))) at += rest === null ? 1 : 2;
    else if (text.charAt(at) === "#") at = endOfLine(text, at);
    else {
      const end = endOfWord(text, at);
      yield { text: text.slice(at, end), offset: at, isOperator: false };
      at = end;
    }
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

/** Quotes, `$( )` and `2>&1` hold together. */
function endOfWord(text: string, from: number): number {
  let quote = "";
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\\" && quote !== "'") at += 1;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'" || character === "`") quote = character;
    else if (character === "(" && text.charAt(at - 1) === "$") depth += 1;
    else if (character === ")" && depth > 0) depth -= 1;
    else if (
      depth === 0 &&
      (/[\s;|]/.test(character) ||
        (character === "&" && !/[<>]/.test(text.charAt(at - 1)) && text.charAt(at + 1) !== ">"))
    )
      return at;
  }
  return text.length;
}

function unquote(word: string): string {
  return word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs, (_, single, double, escaped) =>
    String(single ?? double ?? escaped ?? ""),
  );
}
