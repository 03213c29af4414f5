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
    case "object": {
      const fields = Object.entries(schema.fields).map(([name, value]) => ({ name, shape: compileSchema(value) }));
      return {
        kind: "object",
        exact: new Map(fields.map((field) => [field.name, field])),
        folded: new Map(fields.map((field) => [foldKey(field.name), field])),
      };
    }
    default:
      return { kind: schema.kind };
  }
}
