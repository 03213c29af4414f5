// The shape of every JSON body of the engine's API, as the union over its versions.

import { describedBodies } from "./bodies.generated.ts";
import { bodyOverlay } from "./body-overlay.ts";

export type BodySchema =
  | { readonly kind: "any" | "string" | "integer" | "number" | "boolean" }
  /** A string or an array of strings; always sent as an array. */
  | { readonly kind: "strings" }
  | { readonly kind: "array"; readonly items: BodySchema }
  | { readonly kind: "map"; readonly values: BodySchema }
  | { readonly kind: "object"; readonly fields: Readonly<Record<string, BodySchema>> };

/** By the name that a route's body gives. */
export const bodySchemas: Readonly<Record<string, BodySchema>> = overlay(describedBodies, bodyOverlay);

/** Objects, arrays and maps are merged; where the two differ in kind, the overlay is right. */
function merge(described: BodySchema | undefined, patch: BodySchema): BodySchema {
  if (described === undefined) return patch;
  if (described.kind === "object" && patch.kind === "object") {
    return { kind: "object", fields: overlay(described.fields, patch.fields) };
  }
  if (described.kind === "array" && patch.kind === "array") {
    return { kind: "array", items: merge(described.items, patch.items) };
  }
  if (described.kind === "map" && patch.kind === "map") {
    return { kind: "map", values: merge(described.values, patch.values) };
  }
  return patch;
}

function overlay(
  described: Readonly<Record<string, BodySchema>>,
  patches: Readonly<Record<string, BodySchema>>,
): Readonly<Record<string, BodySchema>> {
  const patched = Object.entries(patches).map(([name, patch]) => [name, merge(described[name], patch)] as const);
  return { ...described, ...Object.fromEntries(patched) };
}
