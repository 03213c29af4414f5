// A record of its own for what was found in an image, once for each caller, generation of policies and change of the facts:
// the record of a container says who made it, this one says why it might.

import { canonicalJson } from "../../base/canonical-json.ts";
import { requestId } from "../../base/request-id.ts";
import type { AuditOutcome } from "../../model/audit.ts";
import type { Decision } from "../../model/decision.ts";
import type { AdmissionFacts } from "../../model/facts.ts";
import { createMemory, type Memory } from "../../policy/memory.ts";
import type { PolicyEngine } from "../../policy/policy-engine.ts";
import type { Asking } from "../judge-call.ts";

/** Writes a record unless it would say nothing new. @throws PlimsollError AUDIT_UNAVAILABLE */
export type RecordAdmission = (facts: AdmissionFacts, decision: Decision, asking: Asking) => Promise<void>;

const maxKnown = 4096;
const outcome: AuditOutcome = { status: 0, bytesIn: 0, bytesOut: 0, durationMs: 0, end: "complete" };

export function createRecordAdmission(): RecordAdmission {
  const recorded = new WeakMap<PolicyEngine, Memory<string>>();
  const texts = new WeakMap<AdmissionFacts, string>();
  return async (facts, decision, asking) => {
    const { policies, principal, exchange, gate, trail } = asking;
    const memory = recorded.get(policies) ?? createMemory<string>(maxKnown);
    recorded.set(policies, memory);
    const key = `${exchange.profile.name}\n${principal.id}\n${facts.imageId}`;
    const text = texts.get(facts) ?? lastingText(facts);
    texts.set(facts, text);
    const state = `${decision.verdict} ${text}`;
    if (memory.get(key) === state) return;
    const isDenied = decision.verdict === "deny";
    const isEnforced = exchange.profile.mode === "enforce";
    await gate.audit.close(
      {
        ...trail.opening(),
        id: requestId(gate.nowMs()),
        method: "",
        path: `/images/${facts.imageId}`,
        action: "image.admit",
        resource: { type: "Image", id: facts.imageId, name: facts.image, owner: "", isShared: true },
        facts,
        verdict: isDenied && isEnforced ? "deny" : "allow",
        wouldDeny: isDenied && !isEnforced,
        rules: decision.rules,
        reason: decision.reason,
      },
      outcome,
    );
    memory.set(key, state);
  };
}

/** Ages change by themselves: what counts is the rest. */
function lastingText(facts: AdmissionFacts): string {
  return canonicalJson({ ...facts, ageDays: 0, dataAgeHours: Math.min(facts.dataAgeHours, 0) });
}
