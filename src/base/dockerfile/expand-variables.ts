// `$name`, `${name}`, `${name:-word}` and their kin in the words of a Dockerfile.
// Source: moby/buildkit frontend/dockerfile/shell/lex.go; docs.docker.com/reference/dockerfile, "Environment replacement".

export type Expansion = {
  readonly text: string;
  /** Names without a value, in order, once each. */
  readonly unknown: readonly string[];
};

const maxCharacters = 65_536;
/** Characters between `${` and its `}`: a text of nothing but openings must not be searched to its end for each. */
const maxBraces = 4096;

/** Quotes are left as they are; single quotes keep what is inside. */
export function expandVariables(
  text: string,
  lookUp: (name: string) => string | undefined,
  escapeCharacter: string,
): Expansion {
  const unknown = new Set<string>();
  const result = expand(text, { lookUp, escapeCharacter, unknown, depth: 0 });
  return { text: result.slice(0, maxCharacters), unknown: [...unknown] };
}

/** Names that a text uses. */
export function variablesIn(text: string, escapeCharacter: string): readonly string[] {
  const names = new Set<string>();
  expandVariables(
    text,
    (name) => {
      names.add(name);
      return "";
    },
    escapeCharacter,
  );
  return [...names];
}

type Scope = {
  readonly lookUp: (name: string) => string | undefined;
  readonly escapeCharacter: string;
  readonly unknown: Set<string>;
  readonly depth: number;
};

function expand(text: string, scope: Scope): string {
  let result = "";
  let quote = "";
  for (let at = 0; at < text.length && result.length < maxCharacters; ) {
    const character = text.charAt(at);
    if (character === scope.escapeCharacter && quote !== "'") {
      result += text.slice(at, at + 2);
      at += 2;
    } else if (character === "$" && quote !== "'") {
      const { value, end } = variableAt(text, at, scope);
      result += value;
      at = end;
    } else {
      if (quote === "" && (character === '"' || character === "'")) quote = character;
      else if (character === quote) quote = "";
      result += character;
      at += 1;
    }
  }
  return result;
}

function variableAt(text: string, at: number, scope: Scope): { readonly value: string; readonly end: number } {
  const plain = /^\$(\w+)/.exec(text.slice(at, at + 300));
  if (plain !== null) return { value: knownValue(plain[1] ?? "", scope), end: at + plain[0].length };
  const head = /^\$\{(\w+)(:?[-+?]|##?|%%?|\/\/?)?/.exec(text.slice(at, at + 300));
  const end = head === null ? -1 : closingBrace(text, at + 2);
  if (head === null || end === -1 || scope.depth > 8) return { value: "$", end: at + 1 };
  const [whole, name = "", operator = ""] = head;
  const word = text.slice(at + whole.length, end);
  return { value: withOperator(name, operator, word, scope), end: end + 1 };
}

function withOperator(name: string, operator: string, word: string, scope: Scope): string {
  const found = scope.lookUp(name);
  const isSet = found !== undefined && (found !== "" || !operator.startsWith(":"));
  const inner = (): string => expand(word, { ...scope, depth: scope.depth + 1 });
  if (operator.endsWith("-")) return isSet ? found : inner();
  if (operator.endsWith("+")) return isSet ? inner() : "";
  return knownValue(name, scope);
}

function knownValue(name: string, { lookUp, unknown }: Scope): string {
  const found = lookUp(name);
  if (found === undefined) unknown.add(name);
  return found ?? "";
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  const end = Math.min(text.length, from + maxBraces);
  for (let at = from; at < end; at += 1) {
    if (text.charAt(at) === "{") depth += 1;
    else if (text.charAt(at) === "}") depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}
