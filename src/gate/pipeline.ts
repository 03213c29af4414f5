// The gate: request -> identity -> action -> facts -> decision -> engine. One call, read top to bottom.

import { planResponse } from "./answers/plan-response.ts";
import type { Exchange } from "./exchange.ts";
import { answerFailure, isRefused, refuse, warningFor } from "./failure.ts";
import type { Gate } from "./gate.ts";
import { judgeCall, requestOf, uploadJudge } from "./judge-call.ts";
import { claimsAfter } from "./ownership/claims.ts";
import { prepareCall } from "./ownership/prepare-call.ts";
import { Trail } from "./trail.ts";
import { inspectUpload } from "./uploads/inspect-upload.ts";

/** Serves one request. Never rejects: whatever goes wrong ends in an answer and a record. */
export async function serve(exchange: Exchange, gate: Gate): Promise<void> {
  const trail = new Trail(exchange, gate.nowMs());
  try {
    const policies = gate.policies(exchange.profile);
    const principal = trail.named(await gate.callerOf(exchange));
    const asking = { exchange, gate, policies, principal, trail };
    const judged = await judgeCall(asking);
    if (isRefused(judged.decision, exchange)) return await refuse(exchange, trail, gate);
    const grants = policies.grantsOf(principal);
    const warning = warningFor(exchange, trail);
    const engineKind = gate.engine().kind;
    const caller = { principal, grants, profile: exchange.profile, lookup: gate.lookup, engineKind, warning };
    const ready = await prepareCall(judged.pinned, caller);
    await gate.audit.open(trail.opening());
    const claims = claimsAfter(ready, principal, gate.lookup);
    try {
      const planned = planResponse(ready, caller);
      const plan = judged.finish?.(planned) ?? planned;
      const request = requestOf(judged, ready);
      const isUpload = request.body.kind === "stream";
      const sent = isUpload ? inspectUpload(request, ready, uploadJudge(asking, caller, judged)) : request;
      await exchange.forward(sent, claims.watching(plan), async (outcome) => {
        // The engine has acted: that is what the record says, even when noting whose things they are goes wrong.
        try {
          await claims.settle(outcome.status);
        } finally {
          await judged.watched?.();
          await gate.audit.close(trail.recorded(), outcome);
        }
      });
    } finally {
      await claims.end();
    }
  } catch (thrown) {
    await answerFailure(thrown, exchange, trail, gate);
  }
}
