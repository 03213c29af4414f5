// Which host paths a caller may bind: each is a question of its own, because Cedar cannot look at every member of a set.

import type { Grant } from "../model/grant.ts";
import type { Principal } from "../model/principal.ts";
import type { CedarAnswer } from "./cedar.ts";
import type { MayBind } from "./derived-facts.ts";
import { judge } from "./judge.ts";
import type { Memory } from "./memory.ts";
import type { Slice } from "./slice.ts";

/** Paths asked for one call; a call with more has none permitted. */
const maxPaths = 64;

export type BindPermits = {
  readonly mayBind: MayBind;
  /** Ids of the policies that permitted what was asked until now. */
  permits(): readonly string[];
};

export function askForBinds(
  slice: Slice,
  principal: Principal,
  grants: ReadonlySet<Grant>,
  memory: Memory<CedarAnswer>,
): BindPermits {
  const used = new Set<string>();
  const hasPermits = slice.rules.some((rule) => rule.effect === "permit");
  let asked = 0;
  return {
    mayBind(path, isWritable) {
      asked += 1;
      if (!hasPermits || asked > maxPaths) return false;
      const resource = { type: "Path", id: path, name: path, owner: "", isShared: false, isWritable };
      const question = { principal, grants, action: "bind", actionGroups: new Set<string>(), resource, context: {} };
      const answer = judge(slice, question, memory);
      if (answer.decision !== "allow" || answer.errors.length > 0) return false;
      for (const id of answer.determining) used.add(id);
      return true;
    },
    permits: () => [...used],
  };
}
