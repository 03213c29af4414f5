// The last question before a container is made: may what is in its image run? It is asked of the image's id, which is what
// the engine gets, so that nobody can put another image under the name in between.

import { unscannedFacts } from "../../admission/verdict/admission-facts.ts";
import { trustFacts } from "../../admission/verdict/trust-facts.ts";
import { textAt } from "../../base/reading.ts";
import type { Action } from "../../model/action.ts";
import type { AdmissionFacts } from "../../model/facts.ts";
import type { JsonObject } from "../../model/json.ts";
import type { PinnedCall } from "../call.ts";
import type { Asking, JudgedCall } from "../judge-call.ts";
import type { ImageGate } from "./image-gate.ts";
import { notThere } from "./use-images.ts";

/** @throws Refusal 404 when the image is not there (the client fetches it, and asks again) */
export async function admitImages(asking: Asking, judged: JudgedCall): Promise<JudgedCall> {
  const { images } = asking.gate;
  const { action } = judged.pinned.call.route;
  const makes = action === "container.create" || action === "service.create" || action === "service.update";
  if (!makes || images === undefined || judged.decision.verdict === "deny") return judged;
  if (!images.isAsked(asking.policies)) return judged;
  const image = await imageOf(judged.pinned, asking);
  const found = await (image.id === "" ? factsOfNothing(image, action, asking) : factsFor(image, asking, images));
  if (found === undefined) return judged;
  const trust = trustOf(judged, image.id, asking);
  const decision = await images.judge(trust === undefined ? found : { ...found, ...trust }, asking);
  return decision.verdict === "allow" ? judged : { ...judged, decision: asking.trail.decided(decision) };
}

/** Of the image itself: what it mounts was judged as well, but is not what runs. */
function trustOf({ verdicts }: JudgedCall, imageId: string, { gate }: Asking): Partial<AdmissionFacts> | undefined {
  const [verdict] = verdicts ?? [];
  const generation = gate.trust?.current();
  if (verdict === undefined || generation === undefined) return undefined;
  return trustFacts(verdict, gate.trust?.made.find(imageId), generation.file, gate.nowMs());
}

type NamedImage = { readonly name: string; readonly id: string };

/** A container's image is pinned: there is nothing to wait for. */
function imageOf({ call, known, references }: PinnedCall, asking: Asking): NamedImage | Promise<NamedImage> {
  const body = call.body.kind === "json" ? call.body.value : {};
  if (call.route.action !== "container.create") return imageOfService(body, asking);
  const name = references.find(({ role }) => role === "image")?.name ?? textAt(body, "Image");
  return { name, id: known.imageId };
}

/** A service keeps the name, which other nodes have to understand: judged is what the name stands for here. */
async function imageOfService(body: JsonObject, { gate }: Asking): Promise<NamedImage> {
  const name = textAt(body, "TaskTemplate", "ContainerSpec", "Image");
  return { name, id: (await gate.lookup.image(name))?.id ?? "" };
}

/** @returns undefined when the call passes anyway and the image has not been read: nobody waits for that */
function factsFor(
  { name, id }: NamedImage,
  { exchange }: Asking,
  images: ImageGate,
): AdmissionFacts | undefined | Promise<AdmissionFacts> {
  const asked = { listener: exchange.profile.name, image: name, imageId: id };
  const now = images.factsNow(asked);
  if (now !== undefined) return now;
  if (exchange.profile.mode === "enforce") return images.facts(asked);
  images.expect(id);
  return undefined;
}

/**
 * The engine does not have the image. A container is then not made: somebody else might bring an image of this name before
 * the engine looks. A service's nodes fetch it later, unseen from here.
 */
function factsOfNothing({ name }: NamedImage, action: Action, { exchange }: Asking): AdmissionFacts | undefined {
  const { mode, transport, name: listener } = exchange.profile;
  if (mode !== "enforce") return undefined;
  if (action !== "container.create")
    return unscannedFacts({ listener, image: name, imageId: "" }, "it is not on this host; pull it first");
  // The engine itself has to say that it is not there: a plugin can only say no, and the client would not pull.
  if (transport === "authz-plugin") return undefined;
  throw notThere(name);
}
