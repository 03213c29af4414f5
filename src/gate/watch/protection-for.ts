// What a container may do, of what was known when it was made: asked then, and again when policies are read anew.

import { runtimeKind } from "../../harden/runtime-kind.ts";
import { withDemands } from "../../harden/watch-demands.ts";
import type { AskedFor } from "../../model/watch-store.ts";
import type { PolicyEngine } from "../../policy/policy-engine.ts";
import { type ChosenProtection, chooseProtection } from "../../policy/watch-levels.ts";

export type ProtectionFor = {
  readonly chosen: ChosenProtection;
  /** What the caller has to know of it. */
  readonly told: readonly string[];
};

/** @param protectedPaths of the host, that no container may write below */
export function protectionFor(
  policies: PolicyEngine,
  asked: AskedFor,
  protectedPaths: readonly string[],
): ProtectionFor {
  const { principal, name, facts } = asked;
  return underRuntime(
    withProfiles(chooseProtection(policies, { principal, name, facts, protectedPaths }), asked),
    asked,
  );
}

/** Profiles raise levels. Where both name peers, the policy's list counts: it was written for this host. */
function withProfiles(chosen: ChosenProtection, { demands }: AskedFor): ChosenProtection {
  if (demands === undefined) return chosen;
  const { protection } = chosen;
  return {
    ...chosen,
    protection: {
      ...protection,
      levels: withDemands(protection.levels, new Map(demands.levels)),
      connect: protection.connect ?? demands.connect,
      bind: protection.bind ?? demands.bind,
    },
  };
}

/** Nothing is claimed that the runtime makes impossible: such levels are off, and the caller and the record are told. */
function underRuntime(chosen: ChosenProtection, { runtime }: AskedFor): ProtectionFor {
  const { ownWork, blind } = runtimeKind(runtime);
  const { levels } = chosen.protection;
  const lost = ownWork.filter((protection) => levels[protection] !== "off");
  if (runtime === "" || lost.length === 0) return { chosen, told: [] };
  const lowered = Object.fromEntries(lost.map((protection) => [protection, "off" as const]));
  return {
    chosen: { ...chosen, protection: { ...chosen.protection, levels: { ...levels, ...lowered } } },
    told: [`under ${runtime} the protections ${lost.join(" and ")} are off: ${blind}`],
  };
}
