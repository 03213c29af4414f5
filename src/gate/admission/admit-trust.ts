// Nobody gets an image into the engine, or out of it into a container, that the trust file does not let in. What is judged is a
// digest, and that digest, not the name, is what the engine is then asked for.

import type { TrustGeneration } from "../../admission/trust/trust-in-force.ts";
import { PlimsollError } from "../../base/errors.ts";
import type { Action } from "../../model/action.ts";
import type { Decision } from "../../model/decision.ts";
import type { TrustVerdict } from "../../model/trust.ts";
import type { PinnedCall, ResponsePlan } from "../call.ts";
import type { Asking, JudgedCall } from "../judge-call.ts";
import { Refusal } from "../refusal.ts";
import { admitPull } from "./admit-pull.ts";
import { mayUse, type TrustGate } from "./trust-gate.ts";
import { admitContainer, admitTag } from "./use-images.ts";

/** What is known of a call's images when they have been judged. */
export type Admission = {
  readonly verdicts: readonly TrustVerdict[];
  /** The call with names replaced by what was judged; absent: as it was. */
  readonly pinned?: PinnedCall;
  /** What has to be done with the engine's answer before the caller sees its end. */
  readonly finish?: (plan: ResponsePlan) => ResponsePlan;
};

export type TrustAsking = Asking & {
  readonly generation: TrustGeneration;
  readonly trust: TrustGate;
  readonly pinned: PinnedCall;
};

/** @throws Refusal, PlimsollError */
type Admit = (asking: TrustAsking) => Promise<Admission>;

const admits: Partial<Readonly<Record<Action, Admit>>> = {
  "image.pull": admitPull,
  "container.create": admitContainer,
  "image.tag": admitTag,
};

export async function admitTrust(asking: Asking, judged: JudgedCall): Promise<JudgedCall> {
  const { pinned, decision } = judged;
  const admit = admits[pinned.call.route.action];
  const { trust } = asking.gate;
  const generation = admit === undefined || decision.verdict === "deny" ? undefined : trust?.current();
  if (admit === undefined || trust === undefined || generation === undefined) return judged;
  if (asking.exchange.profile.mode !== "enforce") return judged;
  if (asking.policies.grantsOf(asking.principal).has("image.unsigned")) return judged;
  try {
    const admission = await admit({ ...asking, generation, trust, pinned });
    const { verdicts, pinned: replaced = pinned, finish } = admission;
    const bad = verdicts.find((verdict) => !mayUse(verdict, generation));
    if (bad !== undefined) return { ...judged, decision: asking.trail.decided(denial(bad)) };
    return { ...judged, pinned: replaced, ...(finish === undefined ? {} : { finish }) };
  } catch (thrown) {
    throw asDenial(thrown);
  }
}

/** Says who would have had to sign, and what to do. */
export function denial({ state, scope, reason, remedy }: TrustVerdict): Decision {
  const rule = scope === "" ? "trust/file" : `trust/${scope}`;
  const advice = remedy === "" ? "" : `${remedy}, or `;
  return {
    verdict: "deny",
    rules: [{ id: rule, kind: "request", file: "", line: 0 }],
    reason: state === "cannot-tell" ? `nobody can tell who signed it: ${reason}` : reason,
    remedy: `${advice}ask for the grant image.unsigned`,
  };
}

/** A registry that does not answer, or answers with what cannot be read: nobody can tell what the image is. */
function asDenial(thrown: unknown): unknown {
  if (thrown instanceof Refusal || !(thrown instanceof PlimsollError)) return thrown;
  if (thrown.code === "NOT_FOUND") return refused(thrown, 404, "request/not-found");
  return refused(thrown, 403, "trust/unreadable");
}

function refused(cause: PlimsollError, status: number, rule: string): Refusal {
  return new Refusal({ code: cause.code, status, rule, reason: cause.message, hint: cause.hint, cause });
}
