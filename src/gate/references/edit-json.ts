// Small changes to JSON values, each as a copy.

import type { JsonObject, JsonValue } from "../../model/json.ts";

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isJsonList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The object under a key; an empty one when there is none. */
export function objectIn(value: JsonValue | undefined, key: string): JsonObject {
  const found = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return isJsonObject(found) ? found : {};
}

/** Replaces the value under a key that is there. */
export async function changeField(
  object: JsonObject,
  key: string,
  change: (value: JsonValue) => Promise<JsonValue>,
): Promise<JsonObject> {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return value === undefined || value === null ? object : { ...object, [key]: await change(value) };
}

export async function changeText(value: JsonValue, change: (text: string) => Promise<string>): Promise<JsonValue> {
  return typeof value === "string" && value !== "" ? await change(value) : value;
}

/** Replaces the items of a list, one after the other. */
export async function changeItems(
  value: JsonValue,
  change: (item: JsonValue) => Promise<JsonValue>,
): Promise<JsonValue> {
  if (!isJsonList(value)) return value;
  const changed: JsonValue[] = [];
  for (const item of value) changed.push(await change(item));
  return changed;
}

/** Replaces the keys of an object. */
export async function changeKeys(value: JsonValue, change: (key: string) => Promise<string>): Promise<JsonValue> {
  if (!isJsonObject(value)) return value;
  const entries: [string, JsonValue][] = [];
  for (const [key, item] of Object.entries(value)) entries.push([await change(key), item]);
  return Object.fromEntries(entries);
}
