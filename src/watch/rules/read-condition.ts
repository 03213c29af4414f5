// CEL -> a condition of our own. The library parses and checks types; here its tree is taken apart, and whatever is not
// known is a mistake, never passed on.
// Source: github.com/google/cel-spec, doc/langdef.md; @marcbachmann/cel-js 8.0, ASTNode.

import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import { errorText } from "../../base/errors.ts";
import { celVariables } from "./cel-variables.ts";
import type { BooleanExpression } from "./expression.ts";
import { type Names, toBoolean } from "./take-apart.ts";

const maxLength = 16 * 1024;
const limits = { maxAstNodes: 4000, maxDepth: 64, maxListElements: 2000, maxMapEntries: 1, maxCallArguments: 8 };

export type ConditionReader = {
  /** @throws Error with one sentence, and where it is */
  read(text: string): BooleanExpression;
};

/** @param names lists and macros that conditions may use */
export function createConditionReader(names: Names): ConditionReader {
  const environment = environmentOf(names);
  return {
    read(text) {
      if (text.length > maxLength) throw new Error(`a condition of more than ${maxLength} characters`);
      return toBoolean(parse(environment, text), { names, item: undefined });
    },
  };
}

function parse(environment: Environment, text: string): ASTNode {
  try {
    const parsed = environment.parse(text);
    const { ast } = parsed;
    const checked = parsed.check();
    if (!checked.valid) throw checked.error ?? new Error("types do not agree");
    if (checked.type !== "bool") throw new Error(`the condition is a ${checked.type}, expected true or false`);
    return ast;
  } catch (thrown) {
    // The library draws the place on lines of its own.
    throw new Error(errorText(thrown).split("\n")[0], { cause: thrown });
  }
}

function environmentOf({ lists, macros }: Names): Environment {
  const environment = new Environment({ limits });
  for (const variable of celVariables) environment.registerVariable(variable);
  for (const [name, list] of lists) {
    environment.registerVariable(name, list.kind === "numbers" ? "list<int>" : "list<string>");
  }
  for (const name of macros.keys()) environment.registerVariable(name, "bool");
  // Only for the check of types: nothing of the library is ever evaluated.
  for (const test of ["contains", "startsWith", "endsWith", "glob", "within", "inNetwork"]) {
    if (test === "glob" || test === "within" || test === "inNetwork")
      environment.registerFunction(`string.${test}(string): bool`, refuse);
    environment.registerFunction(`string.${test}(list<string>): bool`, refuse);
  }
  environment.registerFunction("string.lower(): string", refuse);
  return environment;
}

function refuse(): never {
  throw new Error("conditions are not evaluated here");
}
