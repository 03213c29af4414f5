// A condition -> a function that judges, put together from the functions of its parts: no text is ever made into code.

import { BlockList, isIP } from "node:net";
import { never } from "../../base/errors.ts";
import type {
  BooleanExpression,
  Comparison,
  ListExpression,
  NumberExpression,
  TextExpression,
  TextTest,
} from "./expression.ts";
import { type FieldName, fieldOf } from "./fields.ts";
import { compileGlob, matchesGlob } from "./glob.ts";
import { isWithin } from "./path-parts.ts";
import type { Subject } from "./subject.ts";

export type Judge = (subject: Subject) => boolean;

/** `item` is what the surrounding `exists` or `all` looks at. */
type Read<Value> = (subject: Subject, item: string) => Value;

export function compileCondition(condition: BooleanExpression): Judge {
  const judge = booleanOf(condition);
  return (subject) => judge(subject, "");
}

function booleanOf(expression: BooleanExpression): Read<boolean> {
  switch (expression.kind) {
    case "boolean":
      return () => expression.value;
    case "flag":
      return readerOf(expression.field, "bool");
    case "not":
      return negated(booleanOf(expression.operand));
    case "and":
    case "or":
    case "same":
      return joined(expression.kind, booleanOf(expression.left), booleanOf(expression.right));
    case "compare-numbers":
      return compared(expression.operator, numberOf(expression.left), numberOf(expression.right));
    case "compare-texts":
      return compared(expression.operator, textOf(expression.left), textOf(expression.right));
    case "number-in":
      return within(new Set(expression.values), numberOf(expression.item));
    case "text-in":
      return textIn(textOf(expression.item), expression.list);
    case "test":
      if (expression.test === "inNetwork") return inNetworks(expression);
      if (expression.test === "glob" && expression.list.kind !== "list-field") return globbed(expression);
      return tested(tests[expression.test], textOf(expression.text), expression.list);
    case "has-label":
      return labelled(textOf(expression.label));
    case "any":
    case "all":
      return quantified(expression.kind, listOf(expression.list), booleanOf(expression.holds));
    default:
      return never(expression);
  }
}

function negated(operand: Read<boolean>): Read<boolean> {
  return (subject, item) => !operand(subject, item);
}

function joined(how: "and" | "or" | "same", left: Read<boolean>, right: Read<boolean>): Read<boolean> {
  if (how === "and") return (subject, item) => left(subject, item) && right(subject, item);
  if (how === "or") return (subject, item) => left(subject, item) || right(subject, item);
  return (subject, item) => left(subject, item) === right(subject, item);
}

function compared<Value extends string | number>(
  operator: Comparison,
  left: Read<Value>,
  right: Read<Value>,
): Read<boolean> {
  switch (operator) {
    case "==":
      return (subject, item) => left(subject, item) === right(subject, item);
    case "!=":
      return (subject, item) => left(subject, item) !== right(subject, item);
    case "<":
      return (subject, item) => left(subject, item) < right(subject, item);
    case "<=":
      return (subject, item) => left(subject, item) <= right(subject, item);
    case ">":
      return (subject, item) => left(subject, item) > right(subject, item);
    case ">=":
      return (subject, item) => left(subject, item) >= right(subject, item);
    default:
      return never(operator);
  }
}

function within<Value>(values: ReadonlySet<Value>, read: Read<Value>): Read<boolean> {
  return (subject, item) => values.has(read(subject, item));
}

function textIn(text: Read<string>, list: ListExpression): Read<boolean> {
  if (list.kind === "texts") return within(new Set(list.values), text);
  const read = listOf(list);
  return (subject, item) => read(subject, item).includes(text(subject, item));
}

const tests: Readonly<Record<Exclude<TextTest, "inNetwork">, (text: string, other: string) => boolean>> = {
  contains: (text, other) => text.includes(other),
  startsWith: (text, other) => text.startsWith(other),
  endsWith: (text, other) => text.endsWith(other),
  glob: matchesGlob,
  within: isWithin,
};

function tested(
  test: (text: string, other: string) => boolean,
  text: Read<string>,
  list: ListExpression,
): Read<boolean> {
  if (list.kind === "single") {
    const other = textOf(list.text);
    return (subject, item) => test(text(subject, item), other(subject, item));
  }
  const others = listOf(list);
  return (subject, item) => {
    const found = text(subject, item);
    for (const other of others(subject, item)) if (test(found, other)) return true;
    return false;
  };
}

/** Patterns stand in rules as they are written; one that does not is matched as it comes. */
function globbed({ text, list }: Extract<BooleanExpression, { kind: "test" }>): Read<boolean> {
  const read = textOf(text);
  const patterns = writtenTexts(list);
  if (patterns === undefined) return tested(matchesGlob, read, list);
  const [only, ...others] = patterns.map(compileGlob);
  if (only !== undefined && others.length === 0) return (subject, item) => only(read(subject, item));
  const all = patterns.map(compileGlob);
  return (subject, item) => {
    const found = read(subject, item);
    for (const matches of all) if (matches(found)) return true;
    return false;
  };
}

/** Networks stand in rules as they are written: an event never says which are meant. */
function inNetworks({ text, list }: Extract<BooleanExpression, { kind: "test" }>): Read<boolean> {
  const networks = (writtenTexts(list) ?? refuseNetworks()).map(toNetwork);
  const read = textOf(text);
  return (subject, item) => {
    const address = read(subject, item);
    const family = isIP(address);
    return family !== 0 && networks.some((network) => network.check(address, family === 4 ? "ipv4" : "ipv6"));
  };
}

function refuseNetworks(): never {
  throw new Error("inNetwork: expected networks as they are written");
}

/** @returns undefined for what only an event can tell */
function writtenTexts(list: ListExpression): readonly string[] | undefined {
  if (list.kind === "texts") return list.values;
  return list.kind === "single" && list.text.kind === "text" ? [list.text.value] : undefined;
}

function toNetwork(text: string): BlockList {
  const list = new BlockList();
  const [base = "", bits] = text.split("/");
  const family = isIP(base);
  const most = family === 4 ? 32 : 128;
  const prefix = Number(bits ?? most);
  if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most) {
    throw new Error(`${JSON.stringify(text.slice(0, 60))} is no network, expected 10.0.0.0/8`);
  }
  list.addSubnet(base, prefix, family === 4 ? "ipv4" : "ipv6");
  return list;
}

function labelled(label: Read<string>): Read<boolean> {
  return (subject, item) => Object.hasOwn(subject.container?.labels ?? {}, label(subject, item));
}

function quantified(how: "any" | "all", list: Read<readonly string[]>, holds: Read<boolean>): Read<boolean> {
  if (how === "any") return (subject, item) => list(subject, item).some((each) => holds(subject, each));
  return (subject, item) => list(subject, item).every((each) => holds(subject, each));
}

function numberOf(expression: NumberExpression): Read<number> {
  switch (expression.kind) {
    case "number":
      return () => expression.value;
    case "number-field":
      return readerOf(expression.field, "int");
    case "text-size": {
      const text = textOf(expression.text);
      return (subject, item) => text(subject, item).length;
    }
    case "list-size": {
      const list = listOf(expression.list);
      return (subject, item) => list(subject, item).length;
    }
    default:
      return never(expression);
  }
}

function textOf(expression: TextExpression): Read<string> {
  switch (expression.kind) {
    case "text":
      return () => expression.value;
    case "text-field":
      return readerOf(expression.field, "string");
    case "item":
      return (_subject, item) => item;
    case "lower": {
      const text = textOf(expression.text);
      return (subject, item) => text(subject, item).toLowerCase();
    }
    case "list-item": {
      const list = listOf(expression.list);
      return (subject, item) => list(subject, item)[expression.index] ?? "";
    }
    case "label": {
      const name = textOf(expression.name);
      return (subject, item) => labelOf(subject, name(subject, item));
    }
    default:
      return never(expression);
  }
}

/** A label that is not there is empty: a rule need not ask twice. */
function labelOf({ container }: Subject, name: string): string {
  const labels = container?.labels ?? {};
  return Object.hasOwn(labels, name) ? (labels[name] ?? "") : "";
}

function listOf(expression: ListExpression): Read<readonly string[]> {
  switch (expression.kind) {
    case "texts":
      return () => expression.values;
    case "single": {
      const text = textOf(expression.text);
      return (subject, item) => [text(subject, item)];
    }
    case "list-field":
      return readerOf(expression.field, "list<string>");
    default:
      return never(expression);
  }
}

type ReaderTypes = { string: string; int: number; bool: boolean; "list<string>": readonly string[] };

/** The reader of conditions checked every type: another one here would be its mistake, and no rule would work. */
function readerOf<Type extends keyof ReaderTypes>(name: FieldName, type: Type): Read<ReaderTypes[Type]>;
function readerOf(name: FieldName, type: keyof ReaderTypes): Read<unknown> {
  const field = fieldOf(name);
  if (field.type !== type) throw new TypeError(`${name} is a ${field.type}, expected a ${type}`);
  return field.read;
}
