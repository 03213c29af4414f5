// The filter language of Falco -> a tree. Source: falco.org/docs/concepts/rules/conditions, "Operators".

export type FalcoExpression =
  | { readonly kind: "and" | "or"; readonly left: FalcoExpression; readonly right: FalcoExpression }
  | { readonly kind: "not"; readonly operand: FalcoExpression }
  | { readonly kind: "macro"; readonly name: string }
  | {
      readonly kind: "test";
      /** `proc.aname[2]`, `evt.arg.flags` */
      readonly field: string;
      readonly operator: string;
      /** Values, and names of lists, as they stand there. */
      readonly values: readonly string[];
      /** Values stood in brackets. */
      readonly isList: boolean;
    };

const maxLength = 64 * 1024;
const maxDepth = 100;
const wordOperators = [
  ...["in", "contains", "icontains", "bcontains", "startswith", "bstartswith", "endswith", "glob", "iglob"],
  ...["pmatch", "intersects", "regex", "exists"],
];

type Token = { readonly text: string; readonly isQuoted: boolean };
type Reader = { readonly tokens: readonly Token[]; at: number; depth: number };

/** @throws Error with one sentence */
export function parseFalcoCondition(text: string): FalcoExpression {
  if (text.length > maxLength) throw new Error(`a condition of more than ${maxLength} characters`);
  const reader: Reader = { tokens: tokenize(text), at: 0, depth: 0 };
  const expression = parseOr(reader);
  const rest = reader.tokens[reader.at];
  if (rest !== undefined) throw new Error(`unexpected ${JSON.stringify(rest.text)}`);
  return expression;
}

const token = /\s+|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([()=,]|!=|<=|>=|==|<|>)|([^\s()=,!<>"']+|!)/y;

function tokenize(text: string): readonly Token[] {
  const found: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const start = token.lastIndex;
    const match = token.exec(text);
    if (match === null) throw new Error(`cannot read ${JSON.stringify(text.slice(start, start + 20))}`);
    const [, double, single, sign, word] = match;
    const quoted = double ?? single;
    if (quoted !== undefined) found.push({ text: quoted.replaceAll(/\\(["'\\])/g, "$1"), isQuoted: true });
    else if (sign !== undefined || word !== undefined) found.push({ text: sign ?? word ?? "", isQuoted: false });
  }
  return found;
}

function parseOr(reader: Reader): FalcoExpression {
  if (++reader.depth > maxDepth) throw new Error(`more than ${maxDepth} brackets within each other`);
  let left = parseAnd(reader);
  while (takeWord(reader, "or")) left = { kind: "or", left, right: parseAnd(reader) };
  reader.depth--;
  return left;
}

function parseAnd(reader: Reader): FalcoExpression {
  let left = parseNot(reader);
  while (takeWord(reader, "and")) left = { kind: "and", left, right: parseNot(reader) };
  return left;
}

function parseNot(reader: Reader): FalcoExpression {
  let isNegated = false;
  while (takeWord(reader, "not")) isNegated = !isNegated;
  const operand = takeSign(reader, "(") ? parseBracket(reader) : parseTest(reader);
  return isNegated ? { kind: "not", operand } : operand;
}

function parseBracket(reader: Reader): FalcoExpression {
  const inner = parseOr(reader);
  if (!takeSign(reader, ")")) throw new Error("a bracket that is not closed");
  return inner;
}

function parseTest(reader: Reader): FalcoExpression {
  const field = take(reader);
  const next = reader.tokens[reader.at];
  const isOperator =
    next !== undefined &&
    !next.isQuoted &&
    (/^(?:=|==|!=|<|<=|>|>=)$/.test(next.text) || wordOperators.includes(next.text));
  if (!isOperator) return { kind: "macro", name: field.text };
  const operator = take(reader).text;
  if (operator === "exists") return { kind: "test", field: field.text, operator, values: [], isList: false };
  if (!takeSign(reader, "(")) {
    return { kind: "test", field: field.text, operator, values: [take(reader).text], isList: false };
  }
  const values: string[] = [];
  while (!takeSign(reader, ")")) {
    values.push(take(reader).text);
    takeSign(reader, ",");
  }
  return { kind: "test", field: field.text, operator, values, isList: true };
}

function take(reader: Reader): Token {
  const found = reader.tokens[reader.at++];
  if (found === undefined) throw new Error("the condition ends too early");
  return found;
}

function takeWord(reader: Reader, word: string): boolean {
  const found = reader.tokens[reader.at];
  if (found?.isQuoted !== false || found.text.toLowerCase() !== word) return false;
  reader.at++;
  return true;
}

function takeSign(reader: Reader, sign: string): boolean {
  const found = reader.tokens[reader.at];
  if (found?.isQuoted !== false || found.text !== sign) return false;
  reader.at++;
  return true;
}
