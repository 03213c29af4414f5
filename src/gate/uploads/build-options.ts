// Parameters of a build, as the engine reads them.

import { decodeJson } from "../../base/json.ts";
import { fieldsAt } from "../../base/reading.ts";
import type { Call } from "../call.ts";
import type { BuildArguments } from "./build-arguments.ts";

/** @see moby api/server/httputils/form.go, BoolValue */
export function isTrue(value: string): boolean {
  return !["", "0", "no", "false", "none"].includes(value.trim().toLowerCase());
}

/** The engine refuses values that are neither text nor null. */
export function buildArguments(call: Call): BuildArguments {
  const text = call.query["buildargs"]?.[0] ?? "";
  if (text === "") return {};
  const entries = Object.entries(fieldsAt(decodeJson(new TextEncoder().encode(text))));
  return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === "string" ? value : null]));
}
