// What the engine has pulled by digest is held against what was judged, judged once more, and gets its name. The engine is asked
// for the digest and told the name: nothing is looked up by name in between.

import type { JudgedImage } from "../../admission/trust/trust-desk.ts";
import { PlimsollError } from "../../base/errors.ts";
import { textAt } from "../../base/reading.ts";
import { formatReference, type ImageReference, repositoryOf } from "../../base/reference.ts";
import type { Digest } from "../../model/image.ts";
import { denial } from "./denial.ts";
import { mayUse, type TrustGate } from "./trust-gate.ts";

/** Long pulls are ended by their callers, who wait for them. */
const longestPullMs = 60 * 60_000;

export type Arrival = {
  /** As the caller named it. */
  readonly reference: ImageReference;
  readonly judged: JudgedImage;
  /** What the engine was asked for: the index, or the image in it. */
  readonly digest: Digest;
  readonly trust: TrustGate;
};

/**
 * The image may be there already.
 * @param authorization value of `X-Registry-Auth`; "" for none
 * @returns its id in the engine @throws PlimsollError
 */
export async function fetchJudged(arrival: Arrival, authorization: string): Promise<string> {
  const { judged, digest, trust } = arrival;
  if ((await idOf(arrival)) === "") {
    const query = new URLSearchParams({ fromImage: judged.subject.repository, tag: digest });
    const headers = authorization === "" ? {} : { "x-registry-auth": authorization };
    await trust.engine.work(`/images/create?${query}`, headers, AbortSignal.timeout(longestPullMs));
  }
  return await takeIn(arrival);
}

/**
 * @returns its id
 * @throws PlimsollError when the engine has something else than what was judged, or it may no longer be used: it does not stay then
 */
export async function takeIn(arrival: Arrival): Promise<string> {
  const { reference, judged, trust } = arrival;
  const id = await idOf(arrival);
  const isSame = [judged.configDigest, judged.manifestDigest, judged.subject.digest].includes(id);
  const objection = isSame ? await objectionNow(arrival) : different(arrival, id);
  if (objection !== undefined) {
    if (id !== "") await trust.engine.delete(`/images/${placeOf(arrival)}`);
    throw objection;
  }
  if (reference.tag === undefined) return id;
  const target = new URLSearchParams({ repo: repositoryOf(reference), tag: reference.tag });
  await trust.engine.post(`/images/${id}/tag?${target}`);
  return id;
}

/** A pull takes its time: meanwhile the image may have been revoked, or its tag have gone on. */
async function objectionNow({ judged, trust }: Arrival): Promise<PlimsollError | undefined> {
  const now = trust.current();
  const verdict = await now?.desk.judgeSubject(judged.subject);
  if (now === undefined || verdict === undefined || mayUse(verdict, now)) return undefined;
  const { reason, remedy } = denial(verdict);
  return new PlimsollError("ACCESS_DENIED", reason, { hint: remedy });
}

function different({ reference, judged }: Arrival, id: string): PlimsollError {
  const message = `${formatReference(reference)}: expected ${judged.configDigest}, the engine has ${id || "nothing"}`;
  const hint = "pull the image again, with --platform when it is for another one";
  return new PlimsollError("DIGEST_MISMATCH", message, { hint });
}

async function idOf(arrival: Arrival): Promise<string> {
  return textAt(await arrival.trust.engine.get(`/images/${placeOf(arrival)}/json`), "Id");
}

function placeOf({ judged, digest }: Arrival): string {
  return `${judged.subject.repository}@${digest}`;
}
