// The shape of every JSON body of the engine's API, as the union over its versions.

import { describedBodies } from "./bodies.generated.ts";

export type BodySchema =
  | { readonly kind: "any" | "string" | "integer" | "number" | "boolean" }
  /** A string or an array of strings; always sent as an array. */
  | { readonly kind: "strings" }
  | { readonly kind: "array"; readonly items: BodySchema }
  | { readonly kind: "map"; readonly values: BodySchema }
  | { readonly kind: "object"; readonly fields: Readonly<Record<string, BodySchema>> };

export const bodySchemas: Readonly<Record<string, BodySchema>> = { ...describedBodies };
