// Lists and macros of all files together. A name means one thing: a second meaning is a mistake, an addition is a change.

import { errorText } from "../../base/errors.ts";
import { isVariable } from "./cel-variables.ts";
import type { BooleanExpression } from "./expression.ts";
import { createConditionReader } from "./read-condition.ts";
import { type RuleFile, wrongRule } from "./rule-file.ts";
import type { NamedList, Names } from "./take-apart.ts";

type Written = { readonly file: string; readonly text: string };

/** @throws PlimsollError RULES_INVALID */
export function namesOf(files: readonly RuleFile[]): Names {
  const lists = listsOf(files);
  const written = new Map<string, Written>();
  for (const { file, macros = {} } of files) {
    for (const [name, text] of Object.entries(macros)) {
      if (written.has(name) || lists.has(name)) throw wrongRule(file, 1, `${name} has a meaning already`);
      requireName(file, name);
      written.set(name, { file, text });
    }
  }
  return { lists, macros: macrosOf(lists, written) };
}

function listsOf(files: readonly RuleFile[]): ReadonlyMap<string, NamedList> {
  const lists = new Map<string, NamedList>();
  for (const { file, lists: own = {} } of files) {
    for (const [name, values] of Object.entries(own)) {
      if (lists.has(name)) throw wrongRule(file, 1, `the list ${name} is there already: add to it under changes`);
      requireName(file, name);
      lists.set(name, toList(file, name, values));
    }
  }
  for (const { file, changes } of files) {
    for (const [name, values] of Object.entries(changes?.lists ?? {})) {
      const known = lists.get(name);
      if (known?.kind !== "texts") throw wrongRule(file, 1, `there is no list ${name} of texts to add to`);
      lists.set(name, { kind: "texts", values: [...known.values, ...values] });
    }
  }
  return lists;
}

function toList(file: string, name: string, values: readonly (string | number)[]): NamedList {
  const texts = values.filter((value) => typeof value === "string");
  const numbers = values.filter((value) => typeof value === "number");
  if (texts.length > 0 && numbers.length > 0) throw wrongRule(file, 1, `the list ${name} holds texts and numbers`);
  return numbers.length > 0 ? { kind: "numbers", values: numbers } : { kind: "texts", values: texts };
}

function requireName(file: string, name: string): void {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) throw wrongRule(file, 1, `${JSON.stringify(name)}: expected one word`);
  if (isVariable(name)) throw wrongRule(file, 1, `${name} is a name of events already`);
}

/** Each is read when it is first needed, and once. */
function macrosOf(lists: Names["lists"], written: ReadonlyMap<string, Written>): Names["macros"] {
  const read = new Map<string, BooleanExpression>();
  const open = new Set<string>();
  const macros = new Map<string, () => BooleanExpression>();
  const names: Names = { lists, macros };
  let reader: ReturnType<typeof createConditionReader> | undefined;
  for (const [name, { file, text }] of written) {
    macros.set(name, () => {
      const known = read.get(name);
      if (known !== undefined) return known;
      if (open.has(name)) throw wrongRule(file, 1, `the macro ${name} stands within itself`);
      open.add(name);
      try {
        reader ??= createConditionReader(names);
        const made = reader.read(text);
        read.set(name, made);
        return made;
      } catch (cause) {
        throw wrongRule(file, 1, `macro ${name}: ${errorText(cause)}`, cause);
      } finally {
        open.delete(name);
      }
    });
  }
  return macros;
}
