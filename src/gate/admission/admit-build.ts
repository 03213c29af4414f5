// A build takes from images: each is judged, fetched by its digest where it is not here, and named by its id in the Dockerfile
// that the engine gets. What the engine would fetch or look up by itself is not let through.

import { decodeJson } from "../../base/json.ts";
import { textAt } from "../../base/reading.ts";
import {
  formatReference,
  type ImageReference,
  parseReference,
  readReference,
  tagOf,
  withDefaultTag,
} from "../../base/reference.ts";
import type { OwnershipLedger } from "../../model/ledger.ts";
import type { TrustVerdict } from "../../model/trust.ts";
import type { Call, ResponsePlan } from "../call.ts";
import { isPrivateRegistry } from "../facts/registry.ts";
import { isJsonObject } from "../references/edit-json.ts";
import type { FoundImage } from "../references/found.ts";
import { queryText } from "../references/pin-images.ts";
import { Denial, Refusal } from "../refusal.ts";
import { buildArguments, isTrue } from "../uploads/build-options.ts";
import { classicReferences } from "../uploads/dockerfile-references.ts";
import { pinDockerfile } from "../uploads/pin-dockerfile.ts";
import type { Admission, TrustAsking } from "./admit-trust.ts";
import { buildCredentials, registryAuth } from "./caller-credentials.ts";
import { asDenial, denial } from "./denial.ts";
import { localVerdict } from "./make-images.ts";
import { type Base, listenForMade } from "./remember-made.ts";
import { fetchJudged } from "./take-in.ts";
import { judgeFound, mayUse } from "./trust-gate.ts";

/** Rewrites a Dockerfile of the build. @throws Refusal */
export type PinSources = (dockerfile: Uint8Array) => Promise<Uint8Array>;

export async function admitBuild(asking: TrustAsking): Promise<Admission> {
  const { pinned } = asking;
  const { call } = pinned;
  if (isBuildKit(call)) throw refuseUnseen("a BuildKit build takes in images that the gate cannot judge", classic);
  if (queryText(call, "remote") !== "") {
    throw refuseUnseen(
      "the engine would fetch the build's context, and images that it names",
      "send the context yourself",
    );
  }
  const cache = await pinCache(asking);
  const isAlwaysPulled = isTrue(queryText(call, "pull"));
  const bases: Base[] = [];
  const query = { ...call.query, pull: [], ...(cache === undefined ? {} : { cachefrom: [cache] }) };
  return {
    verdicts: [localVerdict(asking)],
    pinned: { ...pinned, call: { ...call, query } },
    pinSources: (dockerfile) =>
      pinSources(dockerfile, { asking, isAlwaysPulled, bases }).catch((thrown: unknown) => {
        throw asDenial(thrown);
      }),
    finish: (plan) => listenForMade(underTheirNames(plan, bases), { ...asking, how: "built", bases }),
  };
}

const classic = "set DOCKER_BUILDKIT=0 to build with the classic builder";

type Building = { readonly asking: TrustAsking; readonly isAlwaysPulled: boolean; readonly bases: Base[] };

async function pinSources(dockerfile: Uint8Array, building: Building): Promise<Uint8Array> {
  const given = buildArguments(building.asking.pinned.call);
  const { images, bases, unresolved } = classicReferences(dockerfile, given);
  if (unresolved[0] !== undefined) throw refuseUnclear(unresolved[0]);
  const ids = new Map<string, string>();
  for (const name of images) {
    const found = await admitSource(name, building);
    if (bases.includes(name)) refuseTriggers(name, found);
    ids.set(name, found.id);
  }
  const pinned = pinDockerfile(dockerfile, given, ids);
  if (pinned === undefined) throw refuseUnclear();
  return pinned;
}

/** @throws Refusal when it is neither here nor to be had, or may not be used */
async function admitSource(name: string, { asking, isAlwaysPulled, bases }: Building): Promise<FoundImage> {
  const { gate, generation, trust } = asking;
  const here = await gate.lookup.image(name);
  const mayFetch = here === undefined || (isAlwaysPulled && readReference(name) !== undefined);
  const { image, verdict } = mayFetch
    ? await fetchSource(withDefaultTag(parseReference(name)), asking)
    : { image: here, verdict: await judgeFound(here, name, generation, trust) };
  if (!mayUse(verdict, generation)) throw new Denial(denial(verdict));
  bases.push({ name, id: image.id, isTrusted: verdict.state === "trusted", signers: verdict.signers });
  return image;
}

async function fetchSource(
  reference: ImageReference,
  { gate, generation, trust, policies, principal, pinned }: TrustAsking,
): Promise<{ readonly image: FoundImage; readonly verdict: TrustVerdict }> {
  const mayAsk = policies.grantsOf(principal).has("registry.private") || !isPrivateRegistry(reference.domain);
  if (!mayAsk) throw refusePrivate(reference);
  const judged = await generation.desk.judge(reference, buildCredentials(pinned.call));
  if (!mayUse(judged.verdict, generation)) throw new Denial(denial(judged.verdict));
  const arrival = { reference, judged, digest: judged.subject.digest, trust };
  const known = await gate.lookup.image(formatReference(reference));
  const id = await fetchJudged(arrival, registryAuth(pinned.call, reference.domain));
  gate.lookup.forget("image.pull");
  const image = await gate.lookup.image(id);
  if (image === undefined) throw refuseUnclear(id);
  if (known === undefined) claim(reference, id, principal.owner, gate.lookup.ledger);
  return { image, verdict: judged.verdict };
}

/** As after a pull: what came for somebody is that one's. */
function claim(reference: ImageReference, id: string, owner: string, ledger: OwnershipLedger): void {
  if (reference.tag !== undefined) ledger.claim("tag", tagOf(reference), owner);
  ledger.claim("image", id, owner);
}

/** Images whose layers may be taken for steps of this build. What is not here is no cache. */
async function pinCache({ pinned, gate, generation, trust }: TrustAsking): Promise<string | undefined> {
  const text = queryText(pinned.call, "cachefrom");
  if (text === "") return undefined;
  const names = decodeJson(new TextEncoder().encode(text));
  const ids: string[] = [];
  for (const name of Array.isArray(names) ? names : []) {
    const image = typeof name === "string" ? await gate.lookup.image(name) : undefined;
    if (image === undefined) continue;
    const verdict = await judgeFound(image, String(name), generation, trust);
    if (!mayUse(verdict, generation)) throw new Denial(denial(verdict));
    ids.push(image.id);
  }
  return JSON.stringify(ids);
}

/** Triggers stand in the image: a name in them would be looked up while it is built. */
function refuseTriggers(name: string, { onBuild }: FoundImage): void {
  const { images, unresolved } = classicReferences(Buffer.from(onBuild.join("\n")));
  const named = [...images.filter((image) => !/^sha256:[0-9a-f]{64}$/.test(image)), ...unresolved];
  if (named[0] === undefined) return;
  throw new Refusal({
    code: "AMBIGUOUS_INPUT",
    status: 403,
    rule: "trust/trigger",
    reason: `Dockerfile: ${JSON.stringify(name)} takes from ${JSON.stringify(named[0])} in a trigger, by a name that may move`,
    hint: "use a base image without such triggers",
  });
}

/** The engine's progress with the names that the Dockerfile has. */
function underTheirNames(plan: ResponsePlan, bases: readonly Base[]): ResponsePlan {
  if (plan.kind !== "records") return plan;
  return {
    ...plan,
    change(value) {
      const changed = plan.change(value);
      const stream = textAt(changed, "stream");
      if (!isJsonObject(changed) || !stream.startsWith("Step ")) return changed;
      return { ...changed, stream: bases.reduce((text, { id, name }) => text.replaceAll(id, name), stream) };
    },
  };
}

function isBuildKit(call: Call): boolean {
  return !["", "1"].includes(queryText(call, "version")) || queryText(call, "session") !== "";
}

function refuseUnseen(reason: string, hint: string): Refusal {
  return new Refusal({ code: "ACCESS_DENIED", status: 403, rule: "trust/unseen", reason, hint: `${hint}, ${orGrant}` });
}

const orGrant = "or ask for the grant image.unsigned";

function refuseUnclear(instruction = ""): Refusal {
  return new Refusal({
    code: "AMBIGUOUS_INPUT",
    status: 403,
    rule: "trust/dockerfile",
    reason: `Dockerfile: which images it takes from cannot be fixed before it is built${instruction === "" ? "" : `: ${JSON.stringify(instruction)}`}`,
    hint: "name each image in one piece, and give build arguments in FROM a value",
  });
}

function refusePrivate({ domain }: ImageReference): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "invariant/private-registry",
    reason: `Dockerfile: an image would be pulled from ${domain}, a registry inside the walls`,
    hint: "pull the image first, or ask for the grant registry.private",
  });
}
