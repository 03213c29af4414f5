// Answers are read strictly: a list that is no list is not understood, and what is not understood does not go out.

import { malformed } from "../../base/errors.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { isJsonList, isJsonObject } from "../references/edit-json.ts";

/** @throws PlimsollError MALFORMED_INPUT */
export function needObject(where: string, value: JsonValue | undefined): JsonObject {
  if (isJsonObject(value)) return value;
  throw malformed(where, "expected an object");
}

/** The engine writes an empty list as null. @throws PlimsollError MALFORMED_INPUT */
export function needList(where: string, value: JsonValue | undefined): readonly JsonValue[] {
  if (value === null || value === undefined) return [];
  if (isJsonList(value)) return value;
  throw malformed(where, "expected a list");
}

/** Keeps what the question says yes to, in order. An answer of null stays null. */
export async function keepItems(
  where: string,
  value: JsonValue | undefined,
  keep: (item: JsonObject) => Promise<JsonObject | undefined>,
): Promise<JsonValue> {
  if (value === null || value === undefined) return value ?? null;
  const kept: JsonValue[] = [];
  for (const item of needList(where, value)) {
    const changed = await keep(needObject(where, item));
    if (changed !== undefined) kept.push(changed);
  }
  return kept;
}
