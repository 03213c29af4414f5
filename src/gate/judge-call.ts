// The first half of the pipeline: a request, understood, pinned and decided. What was understood of a simple question is
// remembered (known-calls.ts).

import type { Decision, Question } from "../model/decision.ts";
import type { Principal } from "../model/principal.ts";
import type { TrustVerdict } from "../model/trust.ts";
import type { PolicyEngine } from "../policy/policy-engine.ts";
import type { PinSources } from "./admission/admit-build.ts";
import { admitImages } from "./admission/admit-images.ts";
import { admitTrust, judgeClaims } from "./admission/admit-trust.ts";
import type { Caller } from "./answers/plan-response.ts";
import type { EngineRequest, PinnedCall, ResponsePlan } from "./call.ts";
import type { Exchange } from "./exchange.ts";
import { factsOf } from "./facts/facts-of.ts";
import type { Gate } from "./gate.ts";
import { hardenCall } from "./harden-call.ts";
import { refuseOtherReadings } from "./normalize/other-readings.ts";
import { readCall } from "./normalize/read-call.ts";
import { toEngineRequest } from "./normalize/to-engine-request.ts";
import { stampOwner } from "./ownership/stamp-owner.ts";
import { refuseNameLikeId } from "./references/like-an-id.ts";
import { pinReferences } from "./references/pin-references.ts";
import { refuseDeadlyPlugin } from "./references/plugin-digest.ts";
import type { Trail } from "./trail.ts";
import type { UploadJudge } from "./uploads/inspect-upload.ts";
import type { TarSummary } from "./uploads/inspected-tar.ts";
import { watchCreated } from "./watch/watch-created.ts";

export type Asking = {
  readonly exchange: Exchange;
  readonly gate: Gate;
  /** One generation, from the first rule to the last. */
  readonly policies: PolicyEngine;
  readonly principal: Principal;
  readonly trail: Trail;
};

/** What a call means and what policy says of it. */
export type Understood = {
  readonly pinned: PinnedCall;
  readonly question: Question;
  readonly decision: Decision;
  /** Of a remembered call: what the engine gets, and for which call exactly. */
  readonly written?: { readonly of: PinnedCall; readonly request: EngineRequest };
};

export type JudgedCall = Understood & {
  /** What the trust file made of the call's images, the one that runs first. */
  readonly verdicts?: readonly TrustVerdict[];
  /** Observe and warn: resolves when the record may be closed. */
  readonly watched?: () => Promise<void>;
  /** Of a build: puts ids of images in the place of names. */
  readonly pinSources?: PinSources;
  /** Of an archive of images: judges what it brings along. */
  readonly judgeArchive?: (summary: TarSummary) => Promise<void>;
  /** Of an archive: names that its images may have, since they are signed for them. */
  readonly vouched?: ReadonlySet<string>;
  /** Of a build, observe and warn: judges them beside it. */
  readonly watchSources?: (dockerfile: Uint8Array) => void;
  /** What is to be done with the engine's answer before the caller sees its end. */
  readonly finish?: (plan: ResponsePlan) => ResponsePlan;
};

/** @throws Refusal, PlimsollError: what cannot be understood or looked up */
export async function judgeCall(asking: Asking): Promise<JudgedCall> {
  const { gate, trail } = asking;
  const known = gate.knownCalls.find(asking);
  if (known !== undefined) {
    trail.asked(known.question);
    trail.decided(known.decision);
    return known;
  }
  const understood = (await gate.knownCreates.find(asking)) ?? (await understand(asking));
  const judged = await admitImages(asking, await admitTrust(asking, understood));
  return gate.knownCalls.keep(asking, watchCreated(asking, judged));
}

async function understand(asking: Asking): Promise<Understood> {
  const { exchange, gate, principal, trail } = asking;
  const { call, read } = await readCall(exchange, gate.engine());
  refuseDeadlyPlugin(call, gate.engine());
  refuseOtherReadings(call, gate.engine());
  refuseNameLikeId(call);
  const stamped = stampOwner(await pinReferences(call, gate.lookup, principal), principal, trail.id);
  const pinned = await hardenCall(stamped, exchange.profile, gate);
  const understood = { pinned, ...decide(pinned, asking) };
  gate.knownCreates.keep(asking, understood, read);
  return understood;
}

/** Facts, question and answer, all on the trail. */
function decide(
  pinned: PinnedCall,
  { exchange, policies, principal, trail }: Asking,
): Pick<JudgedCall, "question" | "decision"> {
  const context = factsOf(pinned, principal, exchange.profile);
  const question = { principal, action: pinned.call.route.action, resource: pinned.resource, context };
  return { question: trail.asked(question), decision: trail.decided(policies.decide(question)) };
}

/** @param ready the call as it was prepared to be sent */
export function requestOf({ written }: JudgedCall, ready: PinnedCall): EngineRequest {
  return written?.of === ready ? written.request : toEngineRequest(ready.call);
}

/** Decides again, when an upload has told what it names. */
export function uploadJudge(asking: Asking, caller: Caller, judged: JudgedCall): UploadJudge {
  const { pinSources, watchSources, judgeArchive, vouched } = judged;
  return {
    lookup: caller.lookup,
    grants: caller.grants,
    owner: asking.principal.owner,
    isStrict: asking.exchange.profile.mode === "enforce",
    engineKind: asking.gate.engine().kind,
    decide: (pinned) => judgeClaims(asking, pinned, decide(pinned, asking).decision, vouched),
    ...(pinSources === undefined ? {} : { pinSources }),
    ...(watchSources === undefined ? {} : { watchSources }),
    ...(judgeArchive === undefined ? {} : { judgeArchive }),
    wouldRefuse: (refusal) => asking.trail.wouldRefuse(refusal),
  };
}
