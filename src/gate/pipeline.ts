// The gate: request -> identity -> action -> facts -> decision -> engine. One call, read top to bottom.

import { planResponse } from "./answers/plan-response.ts";
import type { PinnedCall } from "./call.ts";
import type { Exchange } from "./exchange.ts";
import { factsOf } from "./facts/facts-of.ts";
import { answerFailure, isRefused, refuse } from "./failure.ts";
import type { Gate } from "./gate.ts";
import { readCall } from "./normalize/read-call.ts";
import { toEngineRequest } from "./normalize/to-engine-request.ts";
import { claimsAfter } from "./ownership/claims.ts";
import { prepareCall } from "./ownership/prepare-call.ts";
import { stampOwner } from "./ownership/stamp-owner.ts";
import { pinReferences } from "./references/pin-references.ts";
import type { Refusal } from "./refusal.ts";
import { Trail } from "./trail.ts";
import { inspectUpload } from "./uploads/inspect-upload.ts";

/** Serves one request. Never rejects: whatever goes wrong ends in an answer and a record. */
export async function serve(exchange: Exchange, gate: Gate): Promise<void> {
  const trail = new Trail(exchange, gate.nowMs());
  try {
    const policies = gate.policies(exchange.profile);
    const principal = trail.named(await gate.callerOf(exchange));
    const call = await readCall(exchange, gate.engine());
    const pinned = stampOwner(await pinReferences(call, gate.lookup, principal), principal, trail.id);
    const grants = policies.grantsOf(principal);
    const decide = (asked: PinnedCall) => {
      const context = factsOf(asked, principal, exchange.profile);
      const question = { principal, action: call.route.action, resource: asked.resource, context };
      return trail.decided(policies.decide(trail.asked(question)));
    };
    if (isRefused(decide(pinned), exchange)) return await refuse(exchange, trail, gate);
    const caller = { principal, grants, profile: exchange.profile, lookup: gate.lookup };
    const ready = await prepareCall(pinned, caller);
    await gate.audit.open(trail.opening());
    const claims = claimsAfter(ready, principal, gate.lookup);
    const plan = planResponse(ready, caller);
    const wouldRefuse = (refusal: Refusal) => trail.wouldRefuse(refusal);
    const judge = {
      ...caller,
      owner: principal.owner,
      isStrict: exchange.profile.mode === "enforce",
      decide,
      wouldRefuse,
    };
    const request = inspectUpload(toEngineRequest(ready.call), ready, judge);
    await exchange.forward(request, claims.watching(plan), async (outcome) => {
      // The engine has acted: that is what the record says, even when noting whose things they are goes wrong.
      try {
        await claims.settle(outcome.status);
      } finally {
        await gate.audit.close(trail.recorded(), outcome);
      }
    });
  } catch (thrown) {
    await answerFailure(thrown, exchange, trail, gate);
  }
}
