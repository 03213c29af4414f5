// JSON documents inside query parameters, decoded and written anew.
// Source: moby/moby, daemon/internal/filters (FromJSON: two forms), daemon/server/router/build (newImageBuildOptions).

import { decodeJson, stringifyJson } from "../../base/json.ts";
import type { BodySchema } from "../../engine/body-schema.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { applyShape } from "./apply-shape.ts";
import { refused, refusedJson } from "./refused.ts";
import { compileSchema, type Shape } from "./shape.ts";

const encoder = new TextEncoder();
const text = { kind: "string" } as const;
const integer = { kind: "integer" } as const;

const documents: Readonly<Record<string, BodySchema>> = {
  buildargs: { kind: "map", values: text },
  labels: { kind: "map", values: text },
  cachefrom: { kind: "array", items: text },
  ulimits: { kind: "array", items: { kind: "object", fields: { Name: text, Hard: integer, Soft: integer } } },
  outputs: {
    kind: "array",
    items: { kind: "object", fields: { Type: text, Attrs: { kind: "map", values: text } } },
  },
  platform: {
    kind: "object",
    fields: {
      architecture: text,
      os: text,
      "os.version": text,
      "os.features": { kind: "array", items: text },
      variant: text,
    },
  },
};
const shapes: ReadonlyMap<string, Shape> = new Map(
  Object.entries(documents).map(([name, schema]) => [name, compileSchema(schema)]),
);

/** @returns undefined for a document that says nothing. @throws Refusal */
export function canonicalQueryJson(key: string, value: string): string | undefined {
  if (key === "platform" && !value.startsWith("{")) return value;
  const where = `query ${key}`;
  const document = decode(where, value);
  if (document === null) return undefined;
  if (key === "filters") return canonicalFilters(document);
  const shape = shapes.get(key);
  if (shape === undefined) throw refused({ slug: "query", reason: `${where}: no schema`, hint: "report this" });
  return stringifyJson(applyShape(shape, document, { where, unknownFields: "refuse" }));
}

function decode(where: string, value: string): JsonValue {
  try {
    return decodeJson(encoder.encode(value), { maxBytes: 64 * 1024, duplicates: "exact" });
  } catch (thrown) {
    throw refusedJson(where, thrown);
  }
}

/** `{"label":["a"]}` and `{"label":{"a":true}}` mean the same; the second is written, sorted. */
function canonicalFilters(document: JsonValue): string | undefined {
  if (!isObject(document)) throw badFilters("expected an object");
  const filters = Object.keys(document)
    .sort()
    .map((name) => [name, filterValues(name, document[name] ?? null)] as const);
  return filters.length === 0 ? undefined : JSON.stringify(Object.fromEntries(filters));
}

function filterValues(name: string, value: JsonValue): Readonly<Record<string, true>> {
  const values = isObject(value) ? Object.keys(value).filter((key) => isTrue(name, value[key])) : listed(name, value);
  return Object.fromEntries([...new Set(values)].sort().map((word) => [word, true] as const));
}

function isTrue(name: string, value: JsonValue | undefined): boolean {
  if (value !== true) throw badFilters(`${JSON.stringify(name)}: expected true beside each value`);
  return true;
}

function listed(name: string, value: JsonValue): readonly string[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw badFilters(`${JSON.stringify(name)}: expected an array of strings`);
  return value.map((word: unknown) => {
    if (typeof word !== "string") throw badFilters(`${JSON.stringify(name)}: expected strings`);
    return word;
  });
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function badFilters(what: string): Error {
  return refused({ slug: "query", reason: `query filters: ${what}`, hint: 'write {"label":["name=value"]}' });
}
