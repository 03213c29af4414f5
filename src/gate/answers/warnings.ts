// What the caller has to know although the call passes: the engine's own list of warnings, which every client prints.
// Source: Engine API, ContainerCreateResponse.Warnings.

import type { JsonValue } from "../../model/json.ts";
import { isJsonList } from "../references/edit-json.ts";
import { needObject } from "./parts.ts";

/** @param sentences without a full stop */
export function withWarnings(answer: JsonValue, sentences: readonly string[]): JsonValue {
  const created = needObject("answer", answer);
  const warnings = Object.hasOwn(created, "Warnings") ? created["Warnings"] : undefined;
  const told = sentences.map((sentence) => (/^plimsoll: /.test(sentence) ? sentence : `Plimsoll: ${sentence}`));
  return { ...created, Warnings: [...(isJsonList(warnings) ? warnings : []), ...told] };
}
