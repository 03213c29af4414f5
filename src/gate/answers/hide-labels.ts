// Labels of ours stay out of answers: a client that makes a thing anew from its description (watchtower, Portainer's
// "duplicate") would send them back, and nobody but the gate may write them. Who looks after every owner sees them.

import type { JsonObject, JsonValue } from "../../model/json.ts";
import { isReserved } from "../ownership/labels.ts";
import { isJsonList } from "../references/edit-json.ts";

/** The same value without keys that begin like our labels, at any depth; the very same one where there are none. */
export function hideLabels(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  return isJsonList(value) ? hideInList(value) : hideIn(value);
}

function hideInList(list: readonly JsonValue[]): JsonValue {
  const shown = list.map(hideLabels);
  return shown.some((item, at) => item !== list[at]) ? shown : list;
}

function hideIn(object: JsonObject): JsonObject {
  const shown: (readonly [string, JsonValue])[] = [];
  let isSame = true;
  for (const [key, item] of Object.entries(object)) {
    if (item === undefined) continue;
    const hidden = hideLabels(item);
    if (isReserved(key)) isSame = false;
    else shown.push([key, hidden]);
    if (hidden !== item) isSame = false;
  }
  return isSame ? object : Object.fromEntries(shown);
}
