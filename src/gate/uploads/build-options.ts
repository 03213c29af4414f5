// Parameters of a build, as the engine reads them.

import { decodeJson } from "../../base/json.ts";
import { fieldsAt } from "../../base/reading.ts";
import type { Call } from "../call.ts";

/** @see moby api/server/httputils/form.go, BoolValue */
export function isTrue(value: string): boolean {
  return !["", "0", "no", "false", "none"].includes(value.trim().toLowerCase());
}

export function buildArguments(call: Call): Readonly<Record<string, string>> {
  const text = call.query["buildargs"]?.[0] ?? "";
  if (text === "") return {};
  const entries = Object.entries(fieldsAt(decodeJson(new TextEncoder().encode(text))));
  return Object.fromEntries(
    entries.filter(([, value]) => typeof value === "string").map(([key, value]) => [key, String(value)]),
  );
}
