// A condition of Falco -> the same in CEL over our fields. Whatever cannot be said here is refused by name.

import {
  alwaysFalse,
  alwaysTrue,
  ancestorFields,
  flagFields,
  networkFields,
  numberFields,
  openFlagFields,
  systemCalls,
  textFields,
} from "./falco-fields.ts";
import type { FalcoExpression } from "./parse-condition.ts";

export type FalcoNames = {
  /** Items of lists, with lists within them resolved. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  /** CEL of macros; undefined for a macro that cannot be expressed. @throws Error when there is none of this name */
  macro(name: string): string;
};

type Test = Extract<FalcoExpression, { kind: "test" }>;

/** @throws Error naming field or operator */
export function toCel(expression: FalcoExpression, names: FalcoNames): string {
  switch (expression.kind) {
    case "and":
    case "or":
      return bothToCel(expression, names);
    case "not":
      return `!(${toCel(expression.operand, names)})`;
    case "macro":
      return names.macro(expression.name);
    default:
      return testToCel(expression, names);
  }
}

/** Where the first half has decided, nobody has to be able to express the second. */
function bothToCel(expression: Extract<FalcoExpression, { kind: "and" | "or" }>, names: FalcoNames): string {
  const left = toCel(expression.left, names);
  const isOr = expression.kind === "or";
  if (left === (isOr ? "true" : "false")) return left;
  return `(${left} ${isOr ? "||" : "&&"} ${toCel(expression.right, names)})`;
}

function testToCel(test: Test, names: FalcoNames): string {
  const { field, operator } = test;
  const values = test.values.flatMap((value) => (test.isList ? (names.lists.get(value) ?? [value]) : [value]));
  const plain = `${field} ${operator} ${values.join(" ")}`;
  if (test.isList && values.length === 0) return "false";
  if (alwaysTrue.some((pattern) => pattern.test(plain))) return "true";
  if (alwaysFalse.some((pattern) => pattern.test(plain))) return "false";
  if (field === "evt.type" || field === "syscall.type") return eventType(operator, values);
  if (Object.hasOwn(flagFields, field)) return flag(flagFields[field] ?? "", operator, values);
  if (Object.hasOwn(numberFields, field)) return number(numberFields[field] ?? "", field, operator, values);
  if (networkFields.includes(field)) return network(operator, values, field);
  const special = specialTest(field, operator, values);
  if (special !== undefined) return special;
  const ancestor = ancestorOf(field);
  if (ancestor !== undefined) return text(ancestor, field, operator, values);
  if (Object.hasOwn(ancestorFields, field)) {
    return `${ancestorFields[field]}.exists(each, ${text("each", field, operator, values)})`;
  }
  if (Object.hasOwn(textFields, field)) return text(textFields[field] ?? "", field, operator, values);
  throw new Error(`the field ${field} is not known here`);
}

function eventType(operator: string, values: readonly string[]): string {
  const tests = values.map((value) => {
    const test = Object.hasOwn(systemCalls, value) ? systemCalls[value] : undefined;
    if (test === undefined) throw new Error(`the system call ${value} is not seen here`);
    return test;
  });
  const any = `(${[...new Set(tests)].join(" || ")})`;
  if (operator === "=" || operator === "==" || operator === "in") return any;
  if (operator === "!=") return `!${any}`;
  throw new Error(`evt.type ${operator} is not supported`);
}

function flag(cel: string, operator: string, [value]: readonly string[]): string {
  const isTrue = value === "true";
  if (!isTrue && value !== "false") throw new Error(`expected true or false, found ${value}`);
  if (operator === "=" || operator === "==") return isTrue ? cel : `!${cel}`;
  if (operator === "!=") return isTrue ? `!${cel}` : cel;
  throw new Error(`${operator} with true or false`);
}

function number(cel: string, field: string, operator: string, values: readonly string[]): string {
  const wrong = values.find((value) => !/^-?\d{1,15}$/.test(value));
  if (wrong !== undefined) throw new Error(`${field}: expected a number, found ${wrong}`);
  const [value = "0"] = values;
  if (operator === "in") return `${cel} in [${values.join(", ")}]`;
  if (operator === "=") return `${cel} == ${value}`;
  if (["==", "!=", "<", "<=", ">", ">="].includes(operator)) return `${cel} ${operator} ${value}`;
  throw new Error(`${field} ${operator} is not supported`);
}

function network(operator: string, values: readonly string[], field: string): string {
  const test = `network.address.inNetwork(${list(values.map((value) => value.replaceAll('"', "")))})`;
  if (operator === "in" || operator === "=" || operator === "==") return test;
  if (operator === "!=") return `!${test}`;
  throw new Error(`${field} ${operator} is not supported`);
}

/** What is said in other words here. @returns undefined when it is an ordinary field */
function specialTest(field: string, operator: string, values: readonly string[]): string | undefined {
  const [value = ""] = values;
  const isNot = operator === "!=";
  const isSame = operator === "=" || operator === "==" || isNot;
  const said = (cel: string): string => (isNot ? `!(${cel})` : cel);
  if (field === "container.id" && isSame && value === "host") return said('container.id == ""');
  if (field === "user.name" && isSame && value === "root") return said("process.uid == 0");
  if (field === "proc.tty" && isSame && value === "0") return said('process.stdin != "terminal"');
  if (field === "fd.typechar" && isSame && value === "4") return said('network.address.contains(".")');
  if (field === "fd.typechar" && isSame && value === "6") return said('network.address.contains(":")');
  if (field === "fd.l4proto" && isSame && value === "udp") return said('socket.type == "dgram"');
  if (field === "fd.l4proto" && isSame && value === "tcp") return said('socket.type == "stream"');
  if (field === "evt.arg.mode" && operator === "contains") return modeTest(value);
  if (field === "evt.arg.flags" && operator === "contains" && value === "EXE_UPPER_LAYER") return "file.isNew";
  if (field === "evt.arg.flags" && operator === "contains" && Object.hasOwn(openFlagFields, value)) {
    return `(event.kind == "open" && ${openFlagFields[value]})`;
  }
  if (field === "evt.arg[0]" && operator === "contains" && /^[AP]F_[A-Z0-9]+$/.test(value)) return ofFamily(value);
  if (field === "container.image.repository") return repository(operator, values);
  return undefined;
}

/** The first word of a socket call. */
function ofFamily(name: string): string {
  const family = name.slice(3).toLowerCase();
  return `(event.kind == "socket" && socket.family == ${JSON.stringify(family === "local" ? "unix" : family)})`;
}

function modeTest(value: string): string {
  if (value === "S_ISUID" || value === "S_ISGID") return "file.isSetuid";
  if (/^S_IX(?:USR|GRP|OTH)$/.test(value)) return "file.isExecutable";
  throw new Error(`evt.arg.mode contains ${value} is not supported`);
}

/** Without its tag: `docker.io/library/nginx` of `docker.io/library/nginx:1.27`. */
function repository(operator: string, values: readonly string[]): string {
  const tests = values.map((value) => {
    const quoted = JSON.stringify(value);
    if (operator === "startswith") return `container.image.startsWith(${quoted})`;
    if (operator === "contains") return `container.image.contains(${quoted})`;
    if (operator === "endswith") return endOfRepository(value);
    const tagged = JSON.stringify(`${value}:`);
    const pinned = JSON.stringify(`${value}@`);
    return `(container.image == ${quoted} || container.image.startsWith([${tagged}, ${pinned}]))`;
  });
  const any = `(${tests.join(" || ")})`;
  if (["=", "==", "in", "startswith", "endswith", "contains"].includes(operator)) return any;
  if (operator === "!=") return `!${any}`;
  throw new Error(`container.image.repository ${operator} is not supported`);
}

/** A star in a name would be a pattern. */
function endOfRepository(value: string): string {
  if (/[*?]/.test(value)) throw new Error(`container.image.repository endswith ${value} is not supported`);
  const patterns = [`*${value}:*`, `*${value}@*`].map((pattern) => JSON.stringify(pattern));
  return `(container.image.endsWith(${JSON.stringify(value)}) || container.image.glob([${patterns.join(", ")}]))`;
}

/** `proc.aname[2]` */
function ancestorOf(field: string): string | undefined {
  const [, name = "", place = ""] = /^(proc\.a\w+)\[(\d{1,2})\]$/.exec(field) ?? [];
  const fields = Object.hasOwn(ancestorFields, name) ? ancestorFields[name] : undefined;
  return fields === undefined || Number(place) < 2 ? undefined : `${fields}[${Number(place) - 1}]`;
}

function text(cel: string, field: string, operator: string, values: readonly string[]): string {
  const [value = ""] = values;
  const quoted = JSON.stringify(value);
  switch (operator) {
    case "=":
    case "==":
      return `${cel} == ${quoted}`;
    case "!=":
      return `${cel} != ${quoted}`;
    case "in":
    case "intersects":
      return `${cel} in ${list(values)}`;
    case "contains":
      return `${cel}.contains(${quoted})`;
    case "icontains":
      return `${cel}.lower().contains(${JSON.stringify(value.toLowerCase())})`;
    case "startswith":
      return `${cel}.startsWith(${quoted})`;
    case "endswith":
      return `${cel}.endsWith(${quoted})`;
    case "glob":
      return `${cel}.glob(${quoted})`;
    case "iglob":
      return `${cel}.lower().glob(${JSON.stringify(value.toLowerCase())})`;
    case "pmatch":
      return `${cel}.within(${list(values)})`;
    case "exists":
      return `${cel} != ""`;
    default:
      throw new Error(`${field}: the operator ${operator} is not supported`);
  }
}

/** JSON is CEL here: both escape in the same way. */
function list(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(", ")}]`;
}
