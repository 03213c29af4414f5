// What a build, load, import or commit made is remembered by its id: how, by whom and from what.

import type { MadeImage } from "../../admission/trust/made-images.ts";
import { textAt } from "../../base/reading.ts";
import type { JsonValue } from "../../model/json.ts";
import type { ResponsePlan } from "../call.ts";
import { hear, nothingHeard } from "../ownership/heard.ts";
import type { TrustAsking } from "./admit-trust.ts";

export type Base = MadeImage["bases"][number];

export type Making = Pick<TrustAsking, "gate" | "trust" | "principal"> & {
  readonly how: MadeImage["how"];
  /** Filled while the call is under way. */
  readonly bases: readonly Base[];
};

/** Listens to a plan's answer; what it is for stays. */
export function listenForMade(plan: ResponsePlan, making: Making): ResponsePlan {
  const heard = nothingHeard();
  if (plan.kind === "json" || (plan.kind === "pass" && making.how === "committed")) {
    return {
      kind: "json",
      async change(value) {
        await rememberMade([textAt(value, "Id")], making);
        return plan.kind === "json" ? await plan.change(value) : value;
      },
    };
  }
  if (plan.kind === "tunnel") return plan;
  return {
    kind: "records",
    change(value) {
      hear(heard, value);
      return plan.kind === "records" ? plan.change(value) : value;
    },
    async last(): Promise<readonly JsonValue[]> {
      await rememberMade([...heard.images, ...heard.tags], making);
      return plan.kind === "records" ? ((await plan.last?.()) ?? []) : [];
    },
  };
}

/** What came from a registry stays what it was, whoever brings its bytes again. */
async function rememberMade(names: readonly string[], { gate, trust, principal, how, bases }: Making): Promise<void> {
  const at = new Date(gate.nowMs()).toISOString();
  gate.lookup.forget("image.load");
  for (const name of names.filter((text) => text !== "")) {
    const image = await gate.lookup.image(name);
    if (image?.places.length === 0) trust.made.remember(image.id, { how, by: principal.id, at, bases: [...bases] });
  }
}
