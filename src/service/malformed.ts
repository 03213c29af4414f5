// Bytes that were no HTTP request get a record like any call: an attack on the parser should be visible.

import { requestId } from "../base/request-id.ts";
import type { Gate } from "../gate/gate.ts";
import type { MalformedRequest } from "../gate/listener.ts";
import type { GateMetrics } from "../gate/metrics.ts";

/** @throws PlimsollError AUDIT_UNAVAILABLE */
export async function recordMalformed(request: MalformedRequest, gate: Gate, counts: GateMetrics): Promise<void> {
  counts.countMalformed(request.status);
  const nowMs = gate.nowMs();
  await gate.audit.close(
    {
      id: requestId(nowMs),
      time: new Date(nowMs).toISOString(),
      listener: request.profile.name,
      mode: request.profile.mode,
      caller: { id: "anonymous", kind: "anonymous", name: "", groups: [], owner: "", provider: "" },
      method: "",
      path: "",
      action: "unknown",
      resource: { type: "Engine", id: "", name: "", owner: "", isShared: false },
      facts: {},
      verdict: "deny",
      wouldDeny: false,
      rules: [{ id: "request/malformed-http", kind: "request", file: "", line: 0 }],
      reason: request.reason,
    },
    { status: request.status, bytesIn: 0, bytesOut: 0, durationMs: 0, end: "refused" },
  );
}
