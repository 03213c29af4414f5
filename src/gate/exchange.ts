// One request and its answer, as a listener hands them to the pipeline.

import type { AuditOutcome } from "../model/audit.ts";
import type { PeerConnection } from "../model/connection.ts";
import type { EngineRequest, ListenerProfile, RequestHead, ResponsePlan } from "./call.ts";

export interface Exchange {
  readonly profile: ListenerProfile;
  readonly head: RequestHead;
  readonly peer: PeerConnection;
  /** Milliseconds of a monotonic clock, when the head had been read. */
  readonly startedMs: number;
  /** Of the request's body, as far as it was read until now. */
  readonly bytesIn: number;
  /** The whole request body. @throws Refusal 413 past maxBytes */
  readBody(maxBytes: number): Promise<Uint8Array>;
  /** Answers with `{"message": ...}` as the engine does; closes the connection if the request body was not read. */
  refuse(status: number, message: string): Promise<AuditOutcome>;
  /**
   * Sends the request to the engine and its answer to the caller.
   * `beforeEnd` runs when the outcome is known and before the caller sees the end of the answer: the audit record is closed there.
   */
  forward(
    request: EngineRequest,
    plan: ResponsePlan,
    beforeEnd: (outcome: AuditOutcome) => Promise<void>,
  ): Promise<AuditOutcome>;
  /** Observe and warn: the caller's own bytes to the engine, unchanged, when they could not be understood. */
  forwardUntouched(beforeEnd: (outcome: AuditOutcome) => Promise<void>): Promise<AuditOutcome>;
}
