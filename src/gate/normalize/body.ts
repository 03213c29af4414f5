// The bytes of a body -> its canonical value.

import { decodeJson } from "../../base/json.ts";
import { bodySchemas } from "../../engine/body-schema.ts";
import type { Route } from "../../engine/route.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { CallBody } from "../call.ts";
import { applyShape } from "./apply-shape.ts";
import type { CallDraft } from "./normalize.ts";
import { refused, refusedJson } from "./refused.ts";
import { compileSchema, type Shape } from "./shape.ts";

const shapes: ReadonlyMap<string, Shape> = new Map(
  Object.entries(bodySchemas).map(([name, schema]) => [name, compileSchema(schema)]),
);

/** Keys that dockerode and docker-py add for themselves. */
const clientKeys = ["hijack", "stdin", "message", "Container"] as const;

/** @throws Refusal */
export function readBody(draft: CallDraft, bytes: Uint8Array): CallBody {
  if (draft.expects === "stream") return { kind: "stream" };
  if (draft.expects === "none" || draft.route.body.kind !== "json") {
    checkIgnored(draft, bytes);
    return { kind: "none" };
  }
  const { schema, optional } = draft.route.body;
  if (bytes.byteLength === 0 && optional) return { kind: "none" };
  const value = applySchema(schema, decodeBody(bytes) ?? {}, draft);
  if (isList(value)) return { kind: "list", value };
  return { kind: "json", value: schema === "ContainerCreate" ? withHostConfig(value) : value };
}

/** Engines up to 26 read HostConfig's fields from the top level when it is absent or null. */
function withHostConfig(value: JsonObject): JsonObject {
  return value["HostConfig"] === undefined ? { ...value, HostConfig: {} } : value;
}

function applySchema(schema: string, value: JsonValue, draft: CallDraft): JsonObject | readonly JsonValue[] {
  const shape = shapes.get(schema);
  if (shape === undefined) throw new TypeError(`no schema ${schema}`);
  const ignored = ignoredKeys(draft);
  const result = applyShape(shape, value, { where: "body", unknownFields: draft.unknownFields, ignored });
  if (typeof result !== "object" || result === null) throw new TypeError(`the schema ${schema} is no object`);
  return result;
}

function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function decodeBody(bytes: Uint8Array): JsonValue {
  if (bytes.byteLength === 0) throw badBody("empty, expected a JSON document", "send the JSON body of this call");
  try {
    return decodeJson(bytes, { duplicates: "exact" });
  } catch (thrown) {
    throw refusedJson("body", thrown);
  }
}

/**
 * Calls without a body: clients send `{}`, `null`, or repeat their query. None of it reaches the engine. Anything else is
 * refused, because an old engine may act on it (a HostConfig on start).
 */
function checkIgnored(draft: CallDraft, bytes: Uint8Array): void {
  if (bytes.byteLength === 0) return;
  const value = decodeBody(bytes);
  if (value === null || value === "") return;
  const ignored = ignoredKeys(draft);
  const isHarmless =
    typeof value === "object" && !Array.isArray(value) && Object.keys(value).every((key) => ignored.has(key));
  if (!isHarmless) throw badBody("this call has none", "send the call without a body");
}

const ignoredByRoute = new WeakMap<Route, ReadonlySet<string>>();

function ignoredKeys({ route }: CallDraft): ReadonlySet<string> {
  const known = ignoredByRoute.get(route);
  if (known !== undefined) return known;
  const keys = new Set([...Object.keys(route.query), ...clientKeys]);
  ignoredByRoute.set(route, keys);
  return keys;
}

function badBody(what: string, hint: string): Error {
  return refused({ slug: "body", reason: `body: ${what}`, hint });
}
