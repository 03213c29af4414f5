// Build arguments that FROM knows, followed as far as their value is certain: whatever the builders might read in another way
// makes a value unknown, and an image that depends on it is one that cannot be told.
// Source: moby/buildkit frontend/dockerfile/parser/line_parsers.go (parseWords), dockerfile/shell/lex.go, moby
// builder/dockerfile/buildargs.go.

import { goSpace } from "./go-space.ts";

/** `--build-arg` values by name, which win over an ARG's default; what null means differs between builders. */
export type BuildArguments = Readonly<Record<string, string | null>>;

/** A name, and a value in one kind of quotes or in none. */
const plainWord = /^([A-Za-z_]\w*)(?:=(?:"([^"'`\\]*)"|'([^"'`\\$]*)'|([^"'`\\]*)))?$/;

/** @param rest an ARG before the first FROM, without its keyword */
export function readArguments(rest: string, values: Map<string, string>, given: BuildArguments): void {
  for (const word of quotedWords(rest)) {
    const [, name, double, single, bare] = plainWord.exec(word) ?? [];
    // The builders take quotes and escapes out of names, too: it may be any of them that is set here.
    if (name === undefined) values.clear();
    else setOne(name, double ?? single ?? bare, values, given);
  }
}

function setOne(name: string, text: string | undefined, values: Map<string, string>, given: BuildArguments): void {
  const value = Object.hasOwn(given, name)
    ? (given[name] ?? undefined)
    : text === undefined
      ? undefined
      : substitute(text, values);
  // What was known of it before counts no more.
  if (value === undefined) values.delete(name);
  else values.set(name, value);
}

/** Words as the builders part them: quotes keep spaces, and stay. */
function quotedWords(rest: string): readonly string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (const character of rest) {
    if (quote === "" && goSpace.test(character)) {
      if (word !== "") words.push(word);
      word = "";
      continue;
    }
    if (quote === "" && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = "";
    word += character;
  }
  return word === "" ? words : [...words, word];
}

/** @returns undefined when a variable is not known, or takes a form that is not read here */
export function substitute(text: string, values: ReadonlyMap<string, string>): string | undefined {
  // Go has letters in names that are not ASCII.
  let isKnown = /^[\x20-\x7e]*$/.test(text) && !/["'`\\]/.test(text);
  const variable = /\$(?:\{([A-Za-z_]\w*)(?::([-+])([^{}$]*))?\}|([A-Za-z_]\w*)|)/g;
  const result = text.replace(variable, (_, braced, operator, word, plain) => {
    const value = values.get(String(braced ?? plain ?? ""));
    const isSet = value !== undefined && value !== "";
    if (operator === "-") return isSet ? value : String(word);
    if (operator === "+") return isSet ? String(word) : "";
    if (value === undefined) isKnown = false;
    return value ?? "";
  });
  return isKnown ? result : undefined;
}

export function unquote(text: string): string {
  return /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;
}
