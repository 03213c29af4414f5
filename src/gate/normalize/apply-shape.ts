// A decoded document + the schema -> the document as Go's decoder would have read it, every key in canonical case.
// Source: go/src/encoding/json/decode.go: null leaves the zero value, keys match by folding.

import { foldKey } from "../../base/json.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { ListenerProfile } from "../call.ts";
import { quoted, refused, unknownField } from "./refused.ts";
import type { Field, Shape } from "./shape.ts";

export type ShapeContext = {
  /** Where in the request, for messages: `body`, `query ulimits`. */
  readonly where: string;
  readonly unknownFields: ListenerProfile["unknownFields"];
  /** Top-level keys that are no fields and may be dropped: a client repeats its query in the body. */
  readonly ignored?: ReadonlySet<string>;
};

/** @throws Refusal on a wrong type, an unknown key, or two keys for one field */
export function applyShape(shape: Shape, value: JsonValue, context: ShapeContext): JsonValue {
  switch (shape.kind) {
    case "object":
      return isObject(value) ? applyObject(shape, value, context) : wrongType(context, "an object", value);
    case "array":
      return isList(value) ? applyList(shape.items, value, context) : wrongType(context, "an array", value);
    case "map":
      return isObject(value) ? applyMap(shape.values, value, context) : wrongType(context, "an object", value);
    case "strings":
      return typeof value === "string" ? [value] : applyStrings(value, context);
    case "integer":
      return isInt64(value) ? value : wrongType(context, "a whole number of 64 bits", value);
    case "any":
      return withoutFoldedDuplicates(value, context);
    default:
      return matchesScalar(shape.kind, value) ? value : wrongType(context, `a ${shape.kind}`, value);
  }
}

function applyObject(
  shape: Shape & { readonly kind: "object" },
  object: JsonObject,
  context: ShapeContext,
): JsonObject {
  const result: Record<string, JsonValue> = Object.create(null);
  const seen = new Set<Field>();
  for (const [key, value] of Object.entries(object)) {
    const field = shape.exact.get(key) ?? shape.folded.get(foldKey(key));
    if (field === undefined) {
      if (!mayDrop(key, value, context)) throw unknownField(context.where, key);
      continue;
    }
    if (seen.has(field)) throw twice(context, field.name);
    seen.add(field);
    if (value === null) continue;
    result[field.name] = applyShape(field.shape, value, below(context, field.name));
  }
  return result;
}

/** Unknown keys that say nothing (null, false, 0, "", [], {}) are dropped everywhere: clients send them out of habit. */
function mayDrop(key: string, value: JsonValue, context: ShapeContext): boolean {
  return context.unknownFields === "drop" || context.ignored?.has(key) === true || isZero(value);
}

function isZero(value: JsonValue): boolean {
  if (typeof value !== "object") return value === false || value === "" || value === 0;
  return value === null || Object.keys(value).length === 0;
}

/** A null element would be a zero value or a nil pointer, by a type that we cannot see. */
function applyList(items: Shape, list: readonly JsonValue[], context: ShapeContext): readonly JsonValue[] {
  return list.map((item, at) => {
    const inner = below(context, String(at));
    return item === null ? wrongType(inner, "a value", item) : applyShape(items, item, inner);
  });
}

/** Keys of maps are data: matched exactly, kept as they are. */
function applyMap(values: Shape, map: JsonObject, context: ShapeContext): JsonObject {
  const result: Record<string, JsonValue> = Object.create(null);
  for (const [key, value] of Object.entries(map)) {
    result[key] = value === null ? null : applyShape(values, value, below(context, key));
  }
  return result;
}

function applyStrings(value: JsonValue, context: ShapeContext): JsonValue {
  if (!isList(value)) return wrongType(context, "a string or an array of strings", value);
  return value.map((item) => (typeof item === "string" ? item : wrongType(context, "strings only", item)));
}

function withoutFoldedDuplicates(value: JsonValue, context: ShapeContext): JsonValue {
  if (isList(value)) {
    for (const item of value) withoutFoldedDuplicates(item, context);
  } else if (isObject(value)) {
    const seen = new Set<string>();
    for (const [key, member] of Object.entries(value)) {
      if (seen.size === seen.add(foldKey(key)).size) throw twice(context, key);
      withoutFoldedDuplicates(member, context);
    }
  }
  return value;
}

function below(context: ShapeContext, name: string): ShapeContext {
  return { where: `${context.where}.${name.slice(0, 80)}`, unknownFields: context.unknownFields };
}

function matchesScalar(kind: "string" | "number" | "boolean", value: JsonValue): boolean {
  return kind === "number" ? typeof value === "number" || typeof value === "bigint" : typeof value === kind;
}

function isInt64(value: JsonValue): boolean {
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value;
  return typeof value === "number" && Number.isSafeInteger(value);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrongType(context: ShapeContext, expected: string, found: JsonValue): never {
  const kind = found === null ? "null" : isList(found) ? "an array" : `a value of type ${typeof found}`;
  throw refused({
    slug: "wrong-type",
    reason: `${context.where}: expected ${expected}, found ${kind}`,
    hint: "send the type that the API's documentation names",
  });
}

function twice(context: ShapeContext, name: string): Error {
  return refused({
    code: "AMBIGUOUS_INPUT",
    slug: "duplicate-key",
    reason: `${context.where}: two keys mean the field ${quoted(name)}`,
    hint: "send each key once; keys that differ only in case are the same key to the engine",
  });
}
