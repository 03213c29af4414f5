// The schema, the model and the tables of this room say the same.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { routes } from "../../src/engine/routes.ts";
import { resourceTypes } from "../../src/policy/actions.ts";
import { derivedFacts } from "../../src/policy/derived-facts.ts";
import { grantMeanings } from "../../src/policy/grants.ts";
import { invariants } from "../../src/policy/invariants.ts";
import { schema, schemaText } from "./support.ts";

function model(file: string): string {
  return readFileSync(new URL(`../../src/model/${file}`, import.meta.url), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
}

/** Members of unions of string literals. */
function literals(text: string): readonly string[] {
  return [...text.matchAll(/^\s*\| "([^"]+)"/gm)].map((match) => match[1] ?? "").toSorted();
}

const cedarTypes: Readonly<Record<string, string>> = {
  boolean: "Bool",
  number: "Long",
  string: "String",
  "readonly string[]": "Set<String>",
};

/** `type NAME = CallFacts & { readonly a: boolean; }` -> name -> {a: "Bool"}, CallFacts included. */
function factTypes(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const found: Record<string, Record<string, string>> = {};
  for (const [, name = "", base, body = ""] of model("facts.ts").matchAll(
    /^export type (\w+Facts) = (CallFacts & )?\{([\s\S]*?)\};$/gm,
  )) {
    const own = [...body.matchAll(/readonly (\w+): ([\w [\]]+?)\s*(?:;|$)/gm)].map(([, fact = "", type = ""]) => [
      fact,
      cedarTypes[type] ?? type,
    ]);
    found[name] = { ...(base === undefined ? {} : found["CallFacts"]), ...Object.fromEntries(own) };
  }
  return found;
}

function schemaTypes(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return Object.fromEntries(
    [...schemaText.matchAll(/^type (\w+) = \{([\s\S]*?)^\};/gm)].map(([, name = "", body = ""]) => [
      name,
      Object.fromEntries(
        [...body.matchAll(/^\s*(\w+): ([\w<>]+),$/gm)].map(([, fact = "", type = ""]) => [fact, type]),
      ),
    ]),
  );
}

test("every action of the model is in the schema, in view or change, and the schema has no other", () => {
  const actions = literals(model("action.ts").split("export type ResourceType")[0] ?? "");
  const asked = [...schema.actions].filter(([name]) => name !== "grant" && name !== "bind");
  assert.deepEqual(
    { schema: asked.map(([name]) => name).toSorted(), table: Object.keys(resourceTypes).toSorted() },
    { schema: actions, table: actions },
  );
  const split = asked.filter(([, shape]) => shape.groups.has("view") === shape.groups.has("change"));
  assert.deepEqual(
    split.map(([name]) => name),
    [],
  );
});

test("the schema and the table agree on what an action is done to", () => {
  const table = Object.entries(resourceTypes);
  assert.deepEqual(
    table.map(([action]) => [action, [...(schema.actions.get(action)?.resourceTypes ?? [])]]),
    table.map(([action, type]) => [action, [type]]),
  );
});

test("every route of the engine asks for an action on a thing that the schema knows", () => {
  const wrong = routes.filter((route) => schema.actions.get(route.action)?.resourceTypes.has(route.resource) !== true);
  assert.deepEqual(
    wrong.map((route) => `${route.method} ${route.path}: ${route.action} on ${route.resource}`),
    [],
  );
});

test("facts of the model and of the schema are the same, but for those that policies work out", () => {
  const derived = Object.keys(derivedFacts);
  const declared = Object.fromEntries(
    Object.entries(schemaTypes()).map(([name, facts]) => [
      name,
      Object.fromEntries(Object.entries(facts).filter(([fact]) => !derived.includes(fact))),
    ]),
  );
  assert.deepEqual(declared, factTypes());
});

test("every grant of the model has a meaning, and no other", () => {
  assert.deepEqual(Object.keys(grantMeanings).toSorted(), literals(model("grant.ts")));
});

test("every invariant is a file of its name, listed once", () => {
  const files = readdirSync(new URL("../../src/policy/invariants", import.meta.url)).toSorted();
  assert.deepEqual(invariants.map(({ name }) => `${name}.ts`).toSorted(), files);
});
