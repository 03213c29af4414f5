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
import { type Arrival, fetchJudged } from "./take-in.ts";
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
    judgeSources: (dockerfile) => judgeSources(dockerfile, { asking, isAlwaysPulled, bases }),
    finish: (plan) => listenForMade(underTheirNames(plan, bases), { ...asking, how: "built", bases }),
  };
}

const classic = "set DOCKER_BUILDKIT=0 to build with the classic builder";

type Building = { readonly asking: TrustAsking; readonly isAlwaysPulled: boolean; readonly bases: Base[] };

/** Everything is judged before anything is fetched: a build that is refused brings nothing in. */
async function pinSources(dockerfile: Uint8Array, building: Building): Promise<Uint8Array> {
  const given = buildArguments(building.asking.pinned.call);
  const sources = await judgeSources(dockerfile, building);
  const { bases } = classicReferences(dockerfile, given);
  const ids = new Map<string, string>();
  for (const source of sources) {
    const { id, onBuild } = await source.take();
    if (bases.includes(source.name)) refuseTriggers(source.name, onBuild);
    const { state, signers } = source.verdict;
    building.bases.push({ name: source.name, id, isTrusted: state === "trusted", signers });
    ids.set(source.name, id);
  }
  const result = pinDockerfile(dockerfile, given, ids);
  if (result === undefined) throw refuseUnclear();
  return result;
}

/** @throws Refusal when one may not be used, or it cannot be told which are meant */
async function judgeSources(dockerfile: Uint8Array, building: Building): Promise<readonly Source[]> {
  const given = buildArguments(building.asking.pinned.call);
  const { images, unresolved } = classicReferences(dockerfile, given);
  if (unresolved[0] !== undefined) throw refuseUnclear(unresolved[0]);
  const sources: Source[] = [];
  for (const name of images) sources.push(await judgeSource(name, building));
  const placed = pinDockerfile(dockerfile, given, new Map(images.map((name) => [name, anyId])));
  if (placed === undefined) throw refuseUnclear();
  return sources;
}

/** To see whether ids can be put in the place of names at all. */
const anyId = `sha256:${"0".repeat(64)}`;

type Source = {
  /** As the Dockerfile has it. */
  readonly name: string;
  readonly verdict: TrustVerdict;
  /** The image in the engine, fetched if need be. */
  take(): Promise<FoundImage>;
};

/** @throws Refusal when it is neither here nor to be had, or may not be used */
async function judgeSource(name: string, { asking, isAlwaysPulled }: Building): Promise<Source> {
  const { gate, generation, trust, pinned } = asking;
  const here = await gate.lookup.image(name);
  if (here !== undefined && !(isAlwaysPulled && readReference(name) !== undefined)) {
    return allowed(
      { name, verdict: await judgeFound(here, name, generation, trust), take: async () => here },
      generation,
    );
  }
  const reference = withDefaultTag(parseReference(name));
  const mayAsk = asking.policies.grantsOf(asking.principal).has("registry.private");
  if (!mayAsk && isPrivateRegistry(reference.domain)) throw refusePrivate(reference);
  const judged = await generation.desk.judge(reference, buildCredentials(pinned.call));
  const arrival = { reference, judged, digest: judged.subject.digest, trust };
  return allowed({ name, verdict: judged.verdict, take: () => fetchSource(arrival, asking) }, generation);
}

function allowed(source: Source, generation: TrustAsking["generation"]): Source {
  if (mayUse(source.verdict, generation)) return source;
  throw new Denial(denial(source.verdict));
}

async function fetchSource(arrival: Arrival, { gate, principal, pinned }: TrustAsking): Promise<FoundImage> {
  const { reference } = arrival;
  const known = await gate.lookup.image(formatReference(reference));
  const id = await fetchJudged(arrival, registryAuth(pinned.call, reference.domain));
  gate.lookup.forget("image.pull");
  const image = await gate.lookup.image(id);
  if (image === undefined) throw refuseUnclear(id);
  if (known === undefined) claim(reference, id, principal.owner, gate.lookup.ledger);
  return image;
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
function refuseTriggers(name: string, onBuild: readonly string[]): void {
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
