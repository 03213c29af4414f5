// May what is in this image run? The one question of admission to policy.

import type { Decision } from "../../model/decision.ts";
import type { AdmissionFacts } from "../../model/facts.ts";
import type { Principal } from "../../model/principal.ts";
import type { PolicyEngine } from "../../policy/policy-engine.ts";

/** Whose the image is was decided before, with the call that names it. */
export function judgeImage(facts: AdmissionFacts, principal: Principal, policies: PolicyEngine): Decision {
  const resource = { type: "Image", id: facts.imageId, name: facts.image, owner: "", isShared: true } as const;
  return policies.decide({ principal, action: "image.admit", resource, context: facts });
}
