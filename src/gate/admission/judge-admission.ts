// May what was found in an image run? Asked and recorded once, as long as the same caller asks the same policies and nothing
// that was found has changed.

import { judgeImage } from "../../admission/verdict/judge-image.ts";
import type { Decision } from "../../model/decision.ts";
import type { AdmissionFacts } from "../../model/facts.ts";
import type { Principal } from "../../model/principal.ts";
import type { PolicyEngine } from "../../policy/policy-engine.ts";
import type { ListenerProfile } from "../call.ts";
import type { Asking } from "../judge-call.ts";
import { createRecordAdmission } from "./record-admission.ts";

/** At once, when it was asked before. @throws PlimsollError AUDIT_UNAVAILABLE */
export type JudgeAdmission = (facts: AdmissionFacts, asking: Asking) => Decision | Promise<Decision>;

type Judged = {
  readonly policies: PolicyEngine;
  readonly principal: Principal;
  readonly profile: ListenerProfile;
  readonly decision: Decision;
};

export function createJudgeAdmission(): JudgeAdmission {
  const record = createRecordAdmission();
  /** What was found is never changed, only found anew: the last answer on it. */
  const judged = new WeakMap<AdmissionFacts, Judged>();
  const judge = async (facts: AdmissionFacts, asking: Asking): Promise<Decision> => {
    const { policies, principal } = asking;
    const decision = withReason(judgeImage(facts, principal, policies), facts);
    await record(facts, decision, asking);
    judged.set(facts, { policies, principal, profile: asking.exchange.profile, decision });
    return decision;
  };
  return (facts, asking) => {
    const { policies, principal, exchange } = asking;
    const before = judged.get(facts);
    const isSame = before?.policies === policies && before.principal === principal;
    return isSame && before.profile === exchange.profile ? before.decision : judge(facts, asking);
  };
}

/** Why it could not be looked into is what its user has to know. */
function withReason(decision: Decision, { scanned, scanError }: AdmissionFacts): Decision {
  return scanned || decision.verdict === "allow"
    ? decision
    : { ...decision, reason: `${decision.reason}: ${scanError}` };
}
