// Body schemas prepared for look-ups by folded key, which is how Go's decoder finds a field.

import { foldKey } from "../../base/json.ts";
import type { BodySchema } from "../../engine/body-schema.ts";

export type Shape =
  | { readonly kind: "any" | "string" | "integer" | "number" | "boolean" | "strings" }
  | { readonly kind: "array"; readonly items: Shape }
  | { readonly kind: "map"; readonly values: Shape }
  | {
      readonly kind: "object";
      readonly exact: ReadonlyMap<string, Field>;
      readonly folded: ReadonlyMap<string, Field>;
    };

export type Field = { readonly name: string; readonly shape: Shape };

export function compileSchema(schema: BodySchema): Shape {
  switch (schema.kind) {
    case "array":
      return { kind: "array", items: compileSchema(schema.items) };
    case "map":
      return { kind: "map", values: compileSchema(schema.values) };
    case "object":
      return compileObject(schema.fields);
    default:
      return { kind: schema.kind };
  }
}

function compileObject(schemas: Readonly<Record<string, BodySchema>>): Shape {
  const fields = Object.entries(schemas).map(([name, value]) => ({ name, shape: compileSchema(value) }));
  const exact = new Map(fields.map((field) => [field.name, field]));
  const folded = new Map(fields.map((field) => [foldKey(field.name), field]));
  // Otherwise one field of the engine could be set by two keys that we take for different ones.
  if (folded.size !== fields.length) throw new TypeError("two fields of a schema differ only in case");
  return { kind: "object", exact, folded };
}
