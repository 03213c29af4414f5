// Nobody gets an image into the engine, or out of it into a container, that the trust file does not let in. What is judged is a
// digest, and that digest, not the name, is what the engine is then asked for.

import type { TrustGeneration } from "../../admission/trust/trust-in-force.ts";
import type { Action } from "../../model/action.ts";
import type { Decision } from "../../model/decision.ts";
import type { TrustVerdict } from "../../model/trust.ts";
import type { PinnedCall, ResponsePlan } from "../call.ts";
import type { Asking, JudgedCall } from "../judge-call.ts";
import { Refusal } from "../refusal.ts";
import type { Trail } from "../trail.ts";
import type { TarSummary } from "../uploads/inspected-tar.ts";
import { admitBuild, type PinSources } from "./admit-build.ts";
import { admitLoad } from "./admit-load.ts";
import { admitPlugin, admitPluginHere } from "./admit-plugin.ts";
import { admitPull } from "./admit-pull.ts";
import { admitService } from "./admit-service.ts";
import { asDenial, denial } from "./denial.ts";
import { admitLocal, admitMade, claimedNames } from "./make-images.ts";
import { mayUse, type TrustGate } from "./trust-gate.ts";
import { admitContainer, admitStart, admitTag, refuseUnseen } from "./use-images.ts";
import { watchTrust } from "./watch-trust.ts";

/** What is known of a call's images when they have been judged. */
export type Admission = {
  readonly verdicts: readonly TrustVerdict[];
  /** The call with names replaced by what was judged; absent: as it was. */
  readonly pinned?: PinnedCall;
  /** Of a build: puts ids in the place of names. */
  readonly pinSources?: PinSources;
  /** Of a build: the same without putting anything anywhere. @throws Refusal */
  readonly judgeSources?: (dockerfile: Uint8Array) => Promise<unknown>;
  /** Of an archive of images: judges what it brings along. @throws Refusal */
  readonly judgeArchive?: (summary: TarSummary) => Promise<void>;
  /** Names that images of the archive may have; filled while it is judged. */
  readonly vouched?: ReadonlySet<string>;
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
  "image.build": admitBuild,
  "image.load": admitLoad,
  "image.import": admitMade,
  "image.tag": admitTag,
  "container.create": admitContainer,
  "container.start": admitStart,
  "container.restart": admitStart,
  "container.checkpoint": admitStart,
  "container.commit": admitMade,
  "service.create": admitService,
  "service.update": admitService,
  "plugin.pull": admitPlugin,
  "plugin.upgrade": admitPlugin,
  "plugin.create": admitLocal,
  "plugin.enable": admitPluginHere,
  "system.session": refuseUnseen,
  "system.grpc": refuseUnseen,
  "system.libpod": refuseUnseen,
};

/** At once, where nobody says who has to have signed. */
export function admitTrust(asking: Asking, judged: JudgedCall): JudgedCall | Promise<JudgedCall> {
  const { pinned, decision } = judged;
  const admit = admits[pinned.call.route.action];
  const { trust } = asking.gate;
  const generation = admit === undefined || decision.verdict === "deny" ? undefined : trust?.current();
  if (admit === undefined || trust === undefined || generation === undefined) return judged;
  return admitBy(admit, { ...asking, generation, trust, pinned }, judged);
}

async function admitBy(admit: Admit, judging: TrustAsking, judged: JudgedCall): Promise<JudgedCall> {
  const { generation, pinned, policies, principal, exchange, trail } = judging;
  const isReleased = policies.grantsOf(principal).has("image.unsigned");
  if (exchange.profile.mode !== "enforce" || isReleased) {
    return { ...judged, ...watchTrust(() => admit(judging), judging, isReleased) };
  }
  try {
    const { pinned: replaced = pinned, ...admission } = await admit(judging);
    const isChanged = replaced !== pinned || admission.pinSources !== undefined;
    const bad = admission.verdicts.find((verdict) => !mayUse(verdict, generation));
    if (bad !== undefined) return { ...judged, decision: trail.decided(denial(bad)) };
    if (isChanged && exchange.profile.transport === "authz-plugin") throw refusePlugin();
    noteWarning(admission.verdicts, trail);
    return { ...judged, ...admission, pinned: replaced };
  } catch (thrown) {
    throw asDenial(thrown);
  }
}

/** What a rule only warns of stands in the record. */
function noteWarning(verdicts: readonly TrustVerdict[], trail: Trail): void {
  const warned = verdicts.find(({ state }) => state !== "trusted" && state !== "not-required");
  if (warned === undefined) return;
  const [rule] = denial(warned).rules;
  const before = trail.decision();
  const rules = [...before.rules, ...(rule === undefined ? [] : [rule])];
  trail.decided({ ...before, rules, reason: `the trust file only warns of it: ${warned.reason}` });
}

function refusePlugin(): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "trust/by-digest",
    reason: "an authorization plugin of the engine cannot put what was judged in the place of a name",
    hint: "name the image by its digest, or use a socket of the gate",
  });
}

/** Again when the names in an archive are known. */
export function judgeClaims(
  asking: Asking,
  pinned: PinnedCall,
  decision: Decision,
  vouched: ReadonlySet<string> = new Set(),
): Decision {
  const { gate, exchange, policies, principal, trail } = asking;
  const isLoad = pinned.call.route.action === "image.load" && decision.verdict === "allow";
  const generation = isLoad && exchange.profile.mode === "enforce" ? gate.trust?.current() : undefined;
  if (generation === undefined || policies.grantsOf(principal).has("image.unsigned")) return decision;
  const bad = claimedNames(pinned.references, { generation }, vouched).find((verdict) => !mayUse(verdict, generation));
  return bad === undefined ? decision : trail.decided(denial(bad));
}
