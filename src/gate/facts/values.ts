// Small readers that facts are made with: canonical, sorted, total.

import type { JsonValue } from "../../model/json.ts";
import { isJsonList, isJsonObject } from "../references/edit-json.ts";

export function sortedSet(values: Iterable<string>): readonly string[] {
  return [...new Set(values)].sort();
}

/** The objects of a list, whatever else it holds. */
export function objectsOf(value: JsonValue | undefined) {
  return isJsonList(value) ? value.filter((item) => isJsonObject(item)) : [];
}

/** `key=value` of each entry of an object. */
export function pairsOf(values: Readonly<Record<string, string>>): readonly string[] {
  return sortedSet(Object.entries(values).map(([key, value]) => `${key}=${value}`));
}

/** The engine's way: capabilities in any case, with or without CAP_. */
export function capability(name: string): string {
  const upper = name.trim().toUpperCase();
  return upper === "ALL" || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
}
