// What the schema says of each action: its groups, what it may be done to, and which facts have to come with it.

import type { ActionType, NamespaceDefinition, Type } from "@cedar-policy/cedar-wasm/nodejs";
import { PlimsollError } from "../base/errors.ts";
import { parseSchema } from "./cedar.ts";
import { linesBeforeByte } from "./source.ts";

/** `Bool`, `Long`, `String` or `Set`: all that facts are made of. */
export type FactType = "Bool" | "Long" | "String" | "Set";

export type ActionShape = {
  /** Direct and indirect: `view`, `containers`. */
  readonly groups: ReadonlySet<string>;
  readonly resourceTypes: ReadonlySet<string>;
  readonly facts: ReadonlyMap<string, FactType>;
};

export type PolicySchema = {
  readonly text: string;
  /** Every action that can be asked for; groups have no entry. */
  readonly actions: ReadonlyMap<string, ActionShape>;
};

/** @throws PlimsollError POLICY_INVALID */
export function readSchema(text: string): PolicySchema {
  const answer = parseSchema(text);
  if (answer.kind === "mistake") {
    throw invalid(`line ${linesBeforeByte(text, answer.mistake.byte ?? 0) + 1}: ${answer.mistake.message}`);
  }
  const [part, ...more] = Object.values(answer.json);
  if (part === undefined || more.length > 0) throw invalid("expected one namespace, the empty one");
  const asked = Object.entries(part.actions).filter(([, action]) => resourceTypes(action).length > 0);
  return { text, actions: new Map(asked.map(([name, action]) => [name, shapeOf(action, part)])) };
}

function shapeOf(action: ActionType<string>, part: NamespaceDefinition<string>): ActionShape {
  const groups = new Set<string>();
  const add = (name: string): void => {
    if (groups.has(name)) return;
    groups.add(name);
    for (const parent of part.actions[name]?.memberOf ?? []) add(parent.id);
  };
  for (const parent of action.memberOf ?? []) add(parent.id);
  return { groups, resourceTypes: new Set(resourceTypes(action)), facts: factsOf(action, part) };
}

function factsOf(action: ActionType<string>, part: NamespaceDefinition<string>): ReadonlyMap<string, FactType> {
  const context = action.appliesTo?.context;
  if (context === undefined) return new Map();
  const record = resolve(context, part);
  if (!("attributes" in record)) throw invalid("a context that is not a record");
  return new Map(Object.entries(record.attributes).map(([name, type]) => [name, factType(name, type)]));
}

function resolve(type: Type<string>, part: NamespaceDefinition<string>): Type<string> {
  const named = part.commonTypes?.[type.type];
  return named === undefined ? type : resolve(named, part);
}

function factType(name: string, type: Type<string>): FactType {
  const word = "name" in type && typeof type.name === "string" ? type.name : type.type;
  switch (word) {
    case "Bool":
    case "Boolean":
      return "Bool";
    case "Long":
    case "String":
    case "Set":
      return word;
    default:
      throw invalid(`the fact ${name} is a ${word}, expected Bool, Long, String or Set`);
  }
}

function resourceTypes(action: ActionType<string>): readonly string[] {
  return action.appliesTo?.resourceTypes ?? [];
}

function invalid(what: string): PlimsollError {
  return new PlimsollError("POLICY_INVALID", `policy schema ${what}`, {
    hint: "put back the schema that came with this version of Plimsoll",
  });
}
