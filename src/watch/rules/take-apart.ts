// The tree of the CEL library -> our own, operator by operator.

import type { ASTNode } from "@marcbachmann/cel-js";
import type {
  BooleanExpression,
  Comparison,
  ListExpression,
  NumberExpression,
  TextExpression,
  TextTest,
} from "./expression.ts";
import { type FieldName, fieldOf, isFieldName } from "./fields.ts";

export type NamedList =
  | { readonly kind: "texts"; readonly values: readonly string[] }
  | { readonly kind: "numbers"; readonly values: readonly number[] };

export type Names = {
  readonly lists: ReadonlyMap<string, NamedList>;
  /** Reads the macro when it is first used. @throws Error when macros stand within each other in a circle */
  readonly macros: ReadonlyMap<string, () => BooleanExpression>;
};

type Scope = {
  readonly names: Names;
  /** Name of the variable of the surrounding `exists` or `all`. */
  readonly item: string | undefined;
};

export function toBoolean(node: ASTNode, scope: Scope): BooleanExpression {
  switch (node.op) {
    case "value":
      if (typeof node.args === "boolean") return { kind: "boolean", value: node.args };
      throw unknown(node);
    case "id":
      return macro(node.args, node, scope);
    case ".":
      return { kind: "flag", field: typedField(node, "bool") };
    case "!_":
      return { kind: "not", operand: toBoolean(node.args, scope) };
    case "&&":
    case "||":
      return {
        kind: node.op === "&&" ? "and" : "or",
        left: toBoolean(node.args[0], scope),
        right: toBoolean(node.args[1], scope),
      };
    case "?:":
      return choice(node.args, scope);
    case "in":
      return membership(node.args[0], node.args[1], scope);
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return comparison(node.op, node.args[0], node.args[1], scope);
    case "rcall":
      return call(node, scope);
    default:
      throw unknown(node);
  }
}

function macro(name: string, node: ASTNode, { names }: Scope): BooleanExpression {
  const read = names.macros.get(name);
  if (read === undefined) throw unknown(node);
  return read();
}

function choice([condition, yes, no]: readonly [ASTNode, ASTNode, ASTNode], scope: Scope): BooleanExpression {
  const operand = toBoolean(condition, scope);
  return {
    kind: "or",
    left: { kind: "and", left: operand, right: toBoolean(yes, scope) },
    right: { kind: "and", left: { kind: "not", operand }, right: toBoolean(no, scope) },
  };
}

function membership(item: ASTNode, within: ASTNode, scope: Scope): BooleanExpression {
  if (fieldPath(within) === "container.labels") return { kind: "has-label", label: toText(item, scope) };
  const numbers = numberList(within, scope);
  if (numbers !== undefined) return { kind: "number-in", item: toNumber(item, scope), values: numbers };
  return { kind: "text-in", item: toText(item, scope), list: toList(within, scope) };
}

function comparison(operator: Comparison, left: ASTNode, right: ASTNode, scope: Scope): BooleanExpression {
  const type = typeOf(left, scope) ?? typeOf(right, scope);
  if (type === "number") {
    return { kind: "compare-numbers", operator, left: toNumber(left, scope), right: toNumber(right, scope) };
  }
  if (type === "text") {
    return { kind: "compare-texts", operator, left: toText(left, scope), right: toText(right, scope) };
  }
  if (operator !== "==" && operator !== "!=") throw unknown(left);
  const same: BooleanExpression = { kind: "same", left: toBoolean(left, scope), right: toBoolean(right, scope) };
  return operator === "==" ? same : { kind: "not", operand: same };
}

const textTests: Readonly<Record<string, TextTest>> = {
  contains: "contains",
  startsWith: "startsWith",
  endsWith: "endsWith",
  glob: "glob",
  within: "within",
  inNetwork: "inNetwork",
};

type Call = Extract<ASTNode, { op: "rcall" }>;

function call(node: Call, scope: Scope): BooleanExpression {
  const [name, receiver, operands] = node.args;
  const [first, second, ...more] = operands;
  if (more.length > 0 || first === undefined) throw unknown(node);
  if ((name === "exists" || name === "all") && second !== undefined) {
    return quantifier(name, { receiver, variable: first, holds: second }, scope);
  }
  const test = Object.hasOwn(textTests, name) ? textTests[name] : undefined;
  if (test === undefined || second !== undefined) throw unknown(node);
  return { kind: "test", test, text: toText(receiver, scope), list: toListOrText(first, scope) };
}

function quantifier(
  name: "exists" | "all",
  parts: { readonly receiver: ASTNode; readonly variable: ASTNode; readonly holds: ASTNode },
  scope: Scope,
): BooleanExpression {
  const { receiver, variable, holds } = parts;
  if (scope.item !== undefined) throw new Error(`${name} within another exists or all is not supported`);
  if (variable.op !== "id") throw unknown(variable);
  return {
    kind: name === "exists" ? "any" : "all",
    list: toList(receiver, scope),
    holds: toBoolean(holds, { ...scope, item: variable.args }),
  };
}

function toNumber(node: ASTNode, scope: Scope): NumberExpression {
  if (node.op === "value" || node.op === "-_") return { kind: "number", value: integer(node) };
  if (node.op === "rcall" && node.args[0] === "size") return sizeOf(node.args[1], scope);
  if (node.op === "call" && node.args[0] === "size") return sizeOf(node.args[1][0], scope);
  return { kind: "number-field", field: typedField(node, "int") };
}

function sizeOf(node: ASTNode | undefined, scope: Scope): NumberExpression {
  if (node === undefined) throw new Error("size of nothing");
  return typeOf(node, scope) === "text"
    ? { kind: "text-size", text: toText(node, scope) }
    : { kind: "list-size", list: toList(node, scope) };
}

function toText(node: ASTNode, scope: Scope): TextExpression {
  if (node.op === "value" && typeof node.args === "string") return { kind: "text", value: node.args };
  if (node.op === "id" && node.args === scope.item) return { kind: "item" };
  if (node.op === "[]" && fieldPath(node.args[0]) === "container.labels") {
    return { kind: "label", name: toText(node.args[1], scope) };
  }
  if (node.op === "[]" && typeOf(node.args[1], scope) === "number") {
    return { kind: "list-item", list: toList(node.args[0], scope), index: integer(node.args[1]) };
  }
  if (node.op === "rcall" && node.args[0] === "lower") return { kind: "lower", text: toText(node.args[1], scope) };
  return { kind: "text-field", field: typedField(node, "string") };
}

function toListOrText(node: ASTNode, scope: Scope): ListExpression {
  return typeOf(node, scope) === "text" ? { kind: "single", text: toText(node, scope) } : toList(node, scope);
}

function toList(node: ASTNode, { names }: Scope): ListExpression {
  if (node.op === "id") {
    const list = names.lists.get(node.args);
    if (list?.kind === "texts") return list;
    throw unknown(node);
  }
  if (node.op !== "list") return { kind: "list-field", field: typedField(node, "list<string>") };
  return {
    kind: "texts",
    values: node.args.map((item) => {
      if (item.op === "value" && typeof item.args === "string") return item.args;
      throw new Error("lists hold texts, or whole numbers, as they are written");
    }),
  };
}

/** @returns undefined when it is no list of numbers */
function numberList(node: ASTNode, { names }: Scope): readonly number[] | undefined {
  const named = node.op === "id" ? names.lists.get(node.args) : undefined;
  if (named?.kind === "numbers") return named.values;
  const [first] = node.op === "list" ? node.args : [];
  const isNumbers = first !== undefined && (first.op === "-_" || (first.op === "value" && isNumeric(first.args)));
  return node.op === "list" && isNumbers ? node.args.map(integer) : undefined;
}

/** @returns undefined for what is true or false, and for lists */
function typeOf(node: ASTNode, { item }: Scope): "text" | "number" | undefined {
  if (node.op === "value") {
    if (typeof node.args === "string") return "text";
    return isNumeric(node.args) ? "number" : undefined;
  }
  if (node.op === "-_" || (node.op === "call" && node.args[0] === "size")) return "number";
  if (node.op === "rcall") return node.args[0] === "size" ? "number" : node.args[0] === "lower" ? "text" : undefined;
  if ((node.op === "id" && node.args === item) || node.op === "[]") return "text";
  const path = fieldPath(node);
  const type = path !== undefined && isFieldName(path) ? fieldOf(path).type : undefined;
  return type === "string" ? "text" : type === "int" ? "number" : undefined;
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

function integer(node: ASTNode): number {
  if (node.op === "-_") return -integer(node.args);
  const value = node.op === "value" && isNumeric(node.args) ? Number(node.args) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new Error("expected a whole number");
}

function typedField(node: ASTNode, type: ReturnType<typeof fieldOf>["type"]): FieldName {
  const path = fieldPath(node);
  if (path !== undefined && isFieldName(path) && fieldOf(path).type === type) return path;
  throw unknown(node);
}

/** `process.name`, from the access to a key of a variable. */
function fieldPath(node: ASTNode): string | undefined {
  if (node.op !== ".") return undefined;
  const [of, key] = node.args;
  return of.op === "id" ? `${of.args}.${key}` : undefined;
}

function unknown({ input, start, end }: ASTNode): Error {
  return new Error(`\`${input.slice(start, end).slice(0, 80)}\` is not supported here`);
}
