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

/** `0`, `root`, `0:0`, `root:wheel` and nothing at all are root; so is what cannot be known. */
export function isRootUser(user: string): boolean {
  const name = user.split(":", 1)[0] ?? "";
  return name === "" || name === "root" || /^[+-]?0+$/.test(name) || isWrapped(name);
}

/** CVE-2024-40635: uids past 2^31 wrapped around to root. */
function isWrapped(name: string): boolean {
  return /^\d+$/.test(name) && Number(name) > 2_147_483_647;
}
