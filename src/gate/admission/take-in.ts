// What the engine has pulled by digest is held against what was judged, and gets its name. The engine is asked for the digest and
// told the name: nothing is looked up by name in between.

import type { JudgedImage } from "../../admission/trust/trust-desk.ts";
import { PlimsollError } from "../../base/errors.ts";
import { textAt } from "../../base/reading.ts";
import { formatReference, type ImageReference, repositoryOf } from "../../base/reference.ts";
import type { EngineClient } from "../../engine/engine.ts";
import type { Digest } from "../../model/image.ts";

/** Long pulls are ended by their callers, who wait for them. */
const longestPullMs = 60 * 60_000;

/**
 * The image may be there already.
 * @param authorization value of `X-Registry-Auth`; "" for none
 * @returns its id in the engine @throws PlimsollError
 */
export async function fetchJudged(
  reference: ImageReference,
  judged: JudgedImage,
  engine: EngineClient,
  authorization: string,
): Promise<string> {
  if ((await idOf(`${judged.subject.repository}@${judged.subject.digest}`, engine)) === "") {
    const query = new URLSearchParams({ fromImage: judged.subject.repository, tag: judged.subject.digest });
    const headers = authorization === "" ? {} : { "x-registry-auth": authorization };
    await engine.work(`/images/create?${query}`, headers, AbortSignal.timeout(longestPullMs));
  }
  return await takeIn(reference, judged, engine);
}

/**
 * @param digest what the engine was asked for
 * @returns its id @throws PlimsollError DIGEST_MISMATCH when the engine has something else than what was judged; it has nothing then
 */
export async function takeIn(
  reference: ImageReference,
  judged: JudgedImage,
  engine: EngineClient,
  digest: Digest = judged.subject.digest,
): Promise<string> {
  const place = `${judged.subject.repository}@${digest}`;
  const id = await idOf(place, engine);
  if (![judged.configDigest, judged.manifestDigest, judged.subject.digest].includes(id)) {
    if (id !== "") await engine.delete(`/images/${place}`);
    throw new PlimsollError(
      "DIGEST_MISMATCH",
      `${formatReference(reference)}: expected ${judged.configDigest}, the engine has ${id || "nothing"}`,
      { hint: "pull the image again, with --platform when it is for another one" },
    );
  }
  if (reference.tag === undefined) return id;
  const target = new URLSearchParams({ repo: repositoryOf(reference), tag: reference.tag });
  await engine.post(`/images/${id}/tag?${target}`);
  return id;
}

async function idOf(place: string, engine: EngineClient): Promise<string> {
  return textAt(await engine.get(`/images/${place}/json`), "Id");
}
