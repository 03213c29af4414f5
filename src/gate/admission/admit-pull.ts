// A pull, by digest: the name is resolved once, what it stands for is judged, the engine is asked for exactly that, and only
// when the engine has it does it get the name that the caller asked for.
// Source: Engine API reference, ImageCreate: `tag` may be a digest.

import { type AskedTrust, askedPlatform } from "../../admission/trust/trust-desk.ts";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { fieldAt, textAt } from "../../base/reading.ts";
import { type ImageReference, readReference, repositoryOf } from "../../base/reference.ts";
import type { Digest } from "../../model/image.ts";
import type { JsonValue } from "../../model/json.ts";
import type { Call, PinnedCall, ResponsePlan } from "../call.ts";
import { isJsonObject } from "../references/edit-json.ts";
import { queryText } from "../references/pin-images.ts";
import { Refusal } from "../refusal.ts";
import type { Admission, TrustAsking } from "./admit-trust.ts";
import { callerCredentials } from "./caller-credentials.ts";
import { type Arrival, takeIn } from "./take-in.ts";
import { warnOnly } from "./trust-gate.ts";

export async function admitPull(asking: TrustAsking): Promise<Admission> {
  const { pinned, generation, trust, trail, exchange } = asking;
  const reference = pulledReference(pinned.call);
  const demand = generation.desk.demands(repositoryOf(reference));
  if (demand === "off") return { verdicts: [] };
  const platform = platformOf(pinned.call);
  const judge = () => generation.desk.judge(reference, { ...platform, ...callerCredentials(pinned.call) });
  // The engine is asked for what the caller asked for, whatever comes of it.
  if (demand === "warn") return await warnOnly(reference, generation, async () => (await judge()).verdict);
  const judged = await judge();
  // The engine has the request already; it is what was judged.
  if (exchange.profile.transport === "authz-plugin" && reference.digest !== undefined)
    return { verdicts: [judged.verdict] };
  // The engine keeps one image for the digest of an index: that of another platform goes by its own.
  const digest = platform.platform === undefined ? judged.subject.digest : judged.manifestDigest;
  const wanted = { reference, judged, digest, trust };
  return {
    verdicts: [judged.verdict],
    pinned: withDigest(pinned, judged.subject.repository, digest),
    finish: (plan) => comparing(plan, wanted, (problem) => void trail.refused(problem)),
  };
}

/** @throws Refusal for all tags of a repository at once: each would have to be judged */
function pulledReference(call: Call): ImageReference {
  const name = readReference(queryText(call, "fromImage").replace(/:$/, ""));
  const tag = queryText(call, "tag");
  if (name === undefined) throw refuseName(queryText(call, "fromImage"));
  // As the engine does: a tag or digest of its own goes before what stands in the name.
  const named = tag === "" ? name : readReference(`${repositoryOf(name)}${tag.includes(":") ? "@" : ":"}${tag}`);
  if (named === undefined) throw refuseName(tag);
  if (named.tag === undefined && named.digest === undefined) throw refuseAllTags(repositoryOf(name));
  return named;
}

function platformOf(call: Call): Pick<AskedTrust, "platform"> {
  const asked = queryText(call, "platform");
  if (asked === "") return {};
  const platform = askedPlatform(asked);
  if (platform === undefined) throw refuseName(asked);
  return { platform };
}

function withDigest(pinned: PinnedCall, repository: string, digest: Digest): PinnedCall {
  const query = { ...pinned.call.query, fromImage: [repository], tag: [digest] };
  return { ...pinned, call: { ...pinned.call, query } };
}

/** The engine's progress under the caller's name; at its end the comparison, and the name. */
function comparing(plan: ResponsePlan, wanted: Arrival, onProblem: (refusal: Refusal) => void): ResponsePlan {
  const { reference, digest } = wanted;
  const place = `${repositoryOf(reference)}@${digest}`;
  let hasFailed = false;
  return {
    kind: "records",
    change(value) {
      if (fieldAt(value, "error") !== undefined || fieldAt(value, "errorDetail") !== undefined) hasFailed = true;
      const changed = plan.kind === "records" ? plan.change(value) : value;
      return changed === undefined ? undefined : underItsName(changed, reference, digest);
    },
    async last() {
      if (hasFailed) return [];
      try {
        await takeIn(wanted);
        return [];
      } catch (thrown) {
        const refusal = refuseDifferent(place, thrown);
        onProblem(refusal);
        const message = `plimsoll: ${refusal.message}. ${refusal.hint}.`;
        return [{ errorDetail: { message }, error: message }];
      }
    },
  };
}

/** `Status: Image is up to date for a@sha256:...`, and the id of the first record. */
function underItsName(value: JsonValue, { tag }: ImageReference, digest: string): JsonValue {
  if (tag === undefined || !isJsonObject(value)) return value;
  const status = textAt(value, "status");
  const named = status.startsWith("Status: ") ? { status: status.replace(`@${digest}`, `:${tag}`) } : {};
  return { ...value, ...named, ...(textAt(value, "id").endsWith(digest) ? { id: tag } : {}) };
}

function refuseDifferent(place: string, cause: unknown): Refusal {
  return new Refusal({
    code: "DIGEST_MISMATCH",
    status: 403,
    rule: "trust/compared",
    reason: `${place}: what the engine pulled could not be taken in: ${errorText(cause)}`,
    hint: cause instanceof PlimsollError ? cause.hint : "try again",
    cause,
  });
}

function refuseAllTags(repository: string): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "trust/one-tag",
    reason: `every tag of ${repository} would be pulled, unjudged`,
    hint: "pull one tag after the other",
  });
}

function refuseName(name: string): Refusal {
  return new Refusal({
    code: "MALFORMED_INPUT",
    status: 400,
    rule: "request/name",
    reason: `expected the name of an image and a platform, found ${JSON.stringify(name.slice(0, 200))}`,
    hint: "write registry/path:tag, and os/architecture",
  });
}
