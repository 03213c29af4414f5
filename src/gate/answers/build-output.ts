// The engine tells of the owner's label as a step of the build; the Dockerfile has no such step, so the caller sees none.
// Source: moby/moby v20.10, builder/dockerfile/{builder,evaluator}.go: `Step 1/3 : FROM a`, then what the step did.

import { textAt } from "../../base/reading.ts";
import type { JsonValue } from "../../model/json.ts";
import { ownerLabel } from "../ownership/labels.ts";
import { isJsonObject } from "../references/edit-json.ts";

const stepLine = /^Step (\d+)\/(\d+) : ([\s\S]*)$/;

/** One build's records, in order; undefined drops a record. */
export function hideOwnerStep(): (record: JsonValue) => JsonValue | undefined {
  let isHiding = false;
  let hidden = 0;
  return (record) => {
    if (!isJsonObject(record) || typeof record["stream"] !== "string") return record;
    const stream = textAt(record, "stream");
    const [, number = "", total = "", instruction = ""] = stepLine.exec(stream) ?? [];
    if (number !== "") {
      isHiding = instruction.startsWith(`LABEL ${ownerLabel}=`);
      if (isHiding) hidden++;
      else return { ...record, stream: `Step ${Number(number) - hidden}/${Number(total) - 1} : ${instruction}` };
    }
    if (stream.startsWith("Successfully ")) isHiding = false;
    return isHiding ? undefined : record;
  };
}
