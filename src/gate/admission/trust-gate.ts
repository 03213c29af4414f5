// What the gate holds of trust: the trust file in force, the engine to compare with, and what was made here through the gate.

import type { MadeImages } from "../../admission/trust/made-images.ts";
import type { TrustGeneration } from "../../admission/trust/trust-in-force.ts";
import { PlimsollError } from "../../base/errors.ts";
import { type ImageReference, readReference, repositoryOf, tagOf } from "../../base/reference.ts";
import type { EngineClient } from "../../engine/engine.ts";
import type { TrustVerdict } from "../../model/trust.ts";
import type { FoundImage } from "../references/found.ts";

export type TrustGate = {
  /** Undefined while there never was a trust file: nothing is demanded of images then. */
  current(): TrustGeneration | undefined;
  readonly engine: EngineClient;
  readonly made: MadeImages;
};

/** @param name as the caller wrote it: a name, an id, the beginning of an id */
export async function judgeFound(
  image: FoundImage,
  name: string,
  { desk }: TrustGeneration,
  { made }: TrustGate,
): Promise<TrustVerdict> {
  return await desk.judgeHere({
    id: image.id,
    places: image.places,
    platform: image.platform,
    name: nameOf(name, image),
    isMadeHere: made.find(image.id) !== undefined,
  });
}

/** An image that the engine has under no name any more, by what was known of it. */
export async function judgeId(id: string, { desk }: TrustGeneration, { made }: TrustGate): Promise<TrustVerdict> {
  const platform = { os: "linux", architecture: "", variant: "" };
  return await desk.judgeHere({ id, places: [], platform, name: undefined, isMadeHere: made.find(id) !== undefined });
}

/** The engine looks among its names first: only what is none of them can be the beginning of an id. */
function nameOf(name: string, { id, tags }: FoundImage): ImageReference | undefined {
  const reference = readReference(name);
  if (reference === undefined || tags.includes(tagOf(reference))) return reference;
  return id.slice("sha256:".length).startsWith(name) ? undefined : reference;
}

/** Where a rule only warns: what cannot be looked up is told, and keeps nobody from anything. */
export async function warnOnly(
  reference: ImageReference,
  { desk }: TrustGeneration,
  judge: () => Promise<TrustVerdict>,
): Promise<{ readonly verdicts: readonly TrustVerdict[] }> {
  try {
    return { verdicts: [await judge()] };
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    const subject = {
      ...{ digest: "", mediaType: "", size: 0 },
      repository: repositoryOf(reference),
      tag: reference.tag ?? "",
    };
    return { verdicts: [{ ...desk.judgeUnsigned(subject), state: "cannot-tell", reason: thrown.message }] };
  }
}

/** May it be used? What a rule only warns of may, but nothing that was revoked. */
export function mayUse({ state, scope }: TrustVerdict, { file }: TrustGeneration): boolean {
  if (state === "trusted" || state === "not-required") return true;
  return state !== "revoked" && file.rules.find((rule) => rule.scope === scope)?.mode === "warn";
}
