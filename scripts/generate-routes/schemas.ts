// A swagger schema -> the few kinds of value that the gate's body schemas know, and the union of two versions of one.

import { isRecord, type Json, listOf, recordOf, textOf } from "./json.ts";

export type Schema =
  | { readonly kind: "any" | "string" | "integer" | "number" | "boolean" | "strings" }
  | { readonly kind: "array"; readonly items: Schema }
  | { readonly kind: "map"; readonly values: Schema }
  | { readonly kind: "object"; readonly fields: Readonly<Record<string, Schema>> };

/** @param description the whole document, for `$ref` */
export function toSchema(description: Json, schema: Json, depth = 0): Schema {
  if (depth > 20) return { kind: "any" };
  const reference = textOf(schema["$ref"]);
  if (reference !== "") {
    const name = reference.replace("#/definitions/", "");
    return toSchema(description, recordOf(recordOf(description["definitions"])[name]), depth + 1);
  }
  const parts = listOf(schema["allOf"]).map((part) => toSchema(description, recordOf(part), depth + 1));
  if (parts.length > 0) return parts.reduce((left, right) => mergeSchemas(left, right));
  return ofType(description, schema, depth);
}

function ofType(description: Json, schema: Json, depth: number): Schema {
  switch (schema["type"]) {
    case "string":
      return { kind: "string" };
    case "integer":
      return { kind: "integer" };
    case "number":
      return { kind: "number" };
    case "boolean":
      return { kind: "boolean" };
    case "array":
      return { kind: "array", items: toSchema(description, recordOf(schema["items"]), depth + 1) };
    default:
      return ofObject(description, schema, depth);
  }
}

function ofObject(description: Json, schema: Json, depth: number): Schema {
  const properties = Object.entries(recordOf(schema["properties"]));
  if (properties.length > 0) {
    const fields = properties.map(([name, value]) => [name, toSchema(description, recordOf(value), depth + 1)]);
    return { kind: "object", fields: Object.fromEntries(fields) };
  }
  const values = schema["additionalProperties"];
  return isRecord(values) ? { kind: "map", values: toSchema(description, values, depth + 1) } : { kind: "any" };
}

/** What either of two versions accepts. */
export function mergeSchemas(left: Schema | undefined, right: Schema): Schema {
  if (left === undefined || left.kind === "any") return right;
  if (right.kind === "any") return left;
  if (left.kind === "object" && right.kind === "object") return mergeObjects(left.fields, right.fields);
  if (left.kind === "array" && right.kind === "array") {
    return { kind: "array", items: mergeSchemas(left.items, right.items) };
  }
  if (left.kind === "map" && right.kind === "map") {
    return { kind: "map", values: mergeSchemas(left.values, right.values) };
  }
  return isStrings(left, right) || isStrings(right, left) ? { kind: "strings" } : right;
}

/** Two writings of one field (`NanoCPUs`, `NanoCpus`) are one field, in the newer writing. */
function mergeObjects(left: Readonly<Record<string, Schema>>, right: Readonly<Record<string, Schema>>): Schema {
  const fields: Record<string, Schema> = { ...left };
  for (const [name, schema] of Object.entries(right)) {
    const older = Object.keys(fields).find((known) => known.toLowerCase() === name.toLowerCase());
    const merged = mergeSchemas(older === undefined ? undefined : fields[older], schema);
    if (older !== undefined && older !== name) delete fields[older];
    fields[name] = merged;
  }
  return { kind: "object", fields };
}

/** `Cmd` was a string or an array in early descriptions. */
function isStrings(one: Schema, other: Schema): boolean {
  return one.kind === "string" && other.kind === "array" && other.items.kind === "string";
}
