// In warn mode a call passes that policy would refuse, and its caller is told so where clients print it: among a new container's
// warnings, and as the last line of what pulling, loading and building tell of their progress.
// Source: Engine API, ContainerCreateResponse.Warnings and the JSON messages of images/create, images/load and build.

import type { Action } from "../../model/action.ts";
import type { JsonValue } from "../../model/json.ts";
import type { ResponsePlan } from "../call.ts";
import { withWarnings } from "./warnings.ts";

/** The field that a client prints as it is. */
const printed: Partial<Readonly<Record<Action, "status" | "stream">>> = {
  "image.pull": "status",
  "image.import": "status",
  "image.load": "stream",
  "image.build": "stream",
};

/** @param sentence what would have been refused and why */
export function warnCaller(plan: ResponsePlan, action: Action, sentence: string): ResponsePlan {
  if (action === "container.create") return inWarnings(plan, sentence);
  const field = printed[action];
  if (field === undefined || (plan.kind !== "pass" && plan.kind !== "records")) return plan;
  const record: JsonValue = { [field]: `WARNING: ${sentence}${field === "stream" ? "\n" : ""}` };
  const inner = plan.kind === "records" ? plan : undefined;
  return {
    kind: "records",
    change: (value) => (inner === undefined ? value : inner.change(value)),
    last: async () => [...((await inner?.last?.()) ?? []), record],
  };
}

function inWarnings(plan: ResponsePlan, sentence: string): ResponsePlan {
  if (plan.kind !== "pass" && plan.kind !== "json") return plan;
  return {
    kind: "json",
    change: async (value) => withWarnings(plan.kind === "json" ? await plan.change(value) : value, [sentence]),
  };
}
