// Labels of ours stay out of answers: a client that makes a thing anew from its description (watchtower, Portainer's
// "duplicate") would send them back, and nobody but the gate may write them. Who looks after every owner sees them.

import type { JsonObject, JsonValue } from "../../model/json.ts";
import { isReserved } from "../ownership/labels.ts";
import { isJsonList, isJsonObject } from "../references/edit-json.ts";

/** The same value without keys that begin like our labels, at any depth. */
export function hideLabels(value: JsonValue): JsonValue {
  if (isJsonList(value)) return value.map(hideLabels);
  return isJsonObject(value) ? hideIn(value) : value;
}

function hideIn(object: JsonObject): JsonObject {
  const shown = Object.entries(object).filter(([key]) => !isReserved(key));
  return Object.fromEntries(shown.map(([key, item]) => [key, item === undefined ? item : hideLabels(item)]));
}
