// A question of the engine as the Exchange that the pipeline works with: forwarding means yes, refusing means no.

import type { AuditOutcome } from "../../model/audit.ts";
import type { PeerConnection } from "../../model/connection.ts";
import type { EngineRequest, ListenerProfile, RequestHead, ResponsePlan } from "../call.ts";
import type { Exchange } from "../exchange.ts";
import { Refusal } from "../refusal.ts";
import type { PluginQuestion } from "./plugin-question.ts";

export type PluginVerdict = { readonly Allow: boolean; readonly Msg: string };

export class PluginExchange implements Exchange {
  readonly profile: ListenerProfile;
  readonly head: RequestHead;
  readonly peer: PeerConnection;
  readonly startedMs = performance.now();
  readonly #question: PluginQuestion;
  #verdict: PluginVerdict = { Allow: false, Msg: "plimsoll: nothing was decided" };

  constructor(profile: ListenerProfile, question: PluginQuestion) {
    this.profile = profile;
    this.#question = question;
    this.peer = { transport: "authz-plugin", user: question.user, method: question.userMethod };
    this.head = {
      method: question.method,
      target: question.target,
      httpVersion: "1.1",
      rawHeaders: question.rawHeaders,
    };
  }

  get bytesIn(): number {
    return this.#question.body?.length ?? 0;
  }

  get verdict(): PluginVerdict {
    return this.#verdict;
  }

  async readBody(maxBytes: number): Promise<Uint8Array> {
    const { body, hidesBody } = this.#question;
    if (hidesBody) throw hiddenBody();
    if (body !== undefined && body.length > maxBytes) throw tooLong(maxBytes);
    return body ?? new Uint8Array();
  }

  async refuse(_status: number, message: string): Promise<AuditOutcome> {
    this.#verdict = { Allow: false, Msg: message };
    return this.#outcome(403, "refused");
  }

  async forward(
    request: EngineRequest,
    _plan: ResponsePlan,
    beforeEnd: (outcome: AuditOutcome) => Promise<void>,
  ): Promise<AuditOutcome> {
    const { hidesBody, isForm } = this.#question;
    const isSeen = request.body.kind === "stream" ? request.body.inspect === undefined : !hidesBody;
    if (isForm || !isSeen) throw hiddenBody();
    return await this.#allow(beforeEnd);
  }

  forwardUntouched(beforeEnd: (outcome: AuditOutcome) => Promise<void>): Promise<AuditOutcome> {
    return this.#allow(beforeEnd);
  }

  async #allow(beforeEnd: (outcome: AuditOutcome) => Promise<void>): Promise<AuditOutcome> {
    const outcome = this.#outcome(0, "complete");
    await beforeEnd(outcome);
    this.#verdict = { Allow: true, Msg: "" };
    return outcome;
  }

  #outcome(status: number, end: AuditOutcome["end"]): AuditOutcome {
    return { status, bytesIn: this.bytesIn, bytesOut: 0, durationMs: performance.now() - this.startedMs, end };
  }
}

function hiddenBody(): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "request/hidden-body",
    reason: "the request has a body that the engine does not show to its authorization plugin",
    hint: "send the call through Plimsoll's own socket, which reads every body",
  });
}

function tooLong(maxBytes: number): Refusal {
  return new Refusal({
    code: "LIMIT_EXCEEDED",
    status: 413,
    rule: "request/body-too-long",
    reason: `request body: more than ${maxBytes} bytes`,
    hint: maxBytes === 0 ? "send no body with this call" : "send less",
  });
}
