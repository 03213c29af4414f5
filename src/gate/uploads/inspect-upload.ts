// Uploads whose verdict needs their content: what a build takes from, and which names an image archive would set.
// The first decision was about the call; this one is about the whole, made before the engine has the archive's end.

import { readReference } from "../../base/reference.ts";
import type { Decision } from "../../model/decision.ts";
import type { Grant } from "../../model/grant.ts";
import type { Call, EngineRequest, PinnedCall, Reference } from "../call.ts";
import { isPrivateRegistry } from "../facts/registry.ts";
import type { FoundImage, Lookup } from "../references/lookup.ts";
import { type Pinning, pinImage, pinTag } from "../references/pinning.ts";
import { Denial, Refusal } from "../refusal.ts";
import { buildArguments, isTrue } from "./build-options.ts";
import { dockerfileReferences } from "./dockerfile-references.ts";
import { archiveTags, imageDocuments } from "./image-tags.ts";
import { ambiguous, inspectTar } from "./inspect-tar.ts";
import type { TarSummary } from "./inspected-tar.ts";
import { nameOfHub, otherBuildReadings } from "./other-builders.ts";
import { cleanPath } from "./tar-paths.ts";

export type UploadJudge = {
  readonly lookup: Lookup;
  /** `Principal.owner` of the caller. */
  readonly owner: string;
  /** False in observe and warn mode: everything passes, and what would be refused is only told. */
  readonly isStrict: boolean;
  /** `docker`, `podman`: builders differ. */
  readonly engineKind: string;
  readonly grants: ReadonlySet<Grant>;
  /** Decides again, now with everything that the content names. */
  decide(pinned: PinnedCall): Decision;
  /** Only the ids that this puts into a Dockerfile reach the engine. @throws Refusal */
  pinSources?(dockerfile: Uint8Array): Promise<Uint8Array>;
  /** Of an archive of images, when all of it that is no layer is known. @throws Refusal */
  judgeArchive?(summary: TarSummary): Promise<void>;
  /** Observe and warn: what a Dockerfile takes from is looked at beside the build, which goes on. */
  watchSources?(dockerfile: Uint8Array): void;
  /** Observe and warn: this would have been refused, whatever policy says. */
  wouldRefuse(refusal: Refusal): void;
};

type Named = {
  readonly references: readonly Reference[];
  readonly remotes: readonly string[];
  /** Observe and warn: what would have been refused on the way. */
  readonly objections: readonly Refusal[];
};
type Naming = Pinning & { readonly remotes: string[]; readonly objections: Refusal[] };

/** The request with an inspector in its stream; as it was when its body is no tar. */
export function inspectUpload(request: EngineRequest, pinned: PinnedCall, judge: UploadJudge): EngineRequest {
  const { body } = pinned.call.route;
  const documents = documentsOf(pinned.call);
  // Files for a container and root file systems name nothing: there is no verdict to make on them.
  if (request.body.kind !== "stream" || body.kind !== "tar" || documents.length === 0) return request;
  const added = new Map<string, Uint8Array>();
  const inspect = inspectTar({
    documents,
    wantsLayout: judge.judgeArchive !== undefined,
    isStrict: judge.isStrict,
    ...(judge.pinSources === undefined ? {} : { added: () => added }),
    async onSummary(found) {
      const summary = await withPinnedSources(found, added, judge);
      await judge.judgeArchive?.(summary);
      const named = await namesIn(summary, pinned.call, judge);
      if (named.references.length > 0 || named.remotes.length > 0) {
        const decision = judge.decide(withNames(pinned, named));
        if (judge.isStrict && decision.verdict === "deny") throw new Denial(decision);
      }
      const [objection] = [...named.objections, ...summary.ambiguities.map(ambiguous)];
      if (objection !== undefined) judge.wouldRefuse(objection);
    },
  });
  return { ...request, body: { kind: "stream", inspect } };
}

/** What is decided is what is sent: from here on only the pinned Dockerfile counts. */
async function withPinnedSources(
  summary: TarSummary,
  added: Map<string, Uint8Array>,
  judge: UploadJudge,
): Promise<TarSummary> {
  for (const dockerfile of summary.documents.values()) judge.watchSources?.(dockerfile);
  if (judge.pinSources === undefined) return summary;
  if (summary.documents.size === 0) throw refuseNoDockerfile();
  for (const [path, dockerfile] of summary.documents) added.set(path, await judge.pinSources(dockerfile));
  return { ...summary, documents: new Map([...summary.documents, ...added]) };
}

/** What ADD fetches is judged as a remote context is: the engine asks a URL that the caller names. */
function withNames(pinned: PinnedCall, { references, remotes }: Named): PinnedCall {
  const { call } = pinned;
  const [remote] = [...(call.query["remote"] ?? []), ...remotes];
  const query = remote === undefined ? call.query : { ...call.query, remote: [remote] };
  return { ...pinned, call: { ...call, query }, references: [...pinned.references, ...references] };
}

function documentsOf(call: Call): readonly string[] {
  switch (call.route.action) {
    case "image.build":
      return dockerfilesOf(call);
    case "image.load":
      return imageDocuments;
    default:
      return [];
  }
}

/** The engine cleans the path, and takes `dockerfile` when there is no `Dockerfile`. @see moby builder/remotecontext */
function dockerfilesOf(call: Call): readonly string[] {
  const { path, isOdd } = cleanPath(call.query["dockerfile"]?.[0] || "Dockerfile");
  if (isOdd) throw refusePath();
  return path === "Dockerfile" ? ["Dockerfile", "dockerfile"] : [path];
}

async function namesIn(summary: TarSummary, call: Call, judge: UploadJudge): Promise<Named> {
  const { lookup, owner } = judge;
  const pinning: Naming = {
    lookup,
    owner,
    references: [],
    remotes: [],
    objections: [],
    realPaths: new Map(),
    volumeOptions: new Map(),
  };
  if (call.route.action === "image.build") await nameSources(pinning, summary, call, judge);
  if (call.route.action === "image.load") {
    for (const tag of archiveTags(summary)) {
      await pinTag(pinning, tag, "").catch((thrown: unknown) => {
        if (!(thrown instanceof Refusal)) throw thrown;
        object(pinning, judge, thrown);
      });
    }
  }
  return pinning;
}

function object(pinning: Naming, judge: UploadJudge, refusal: Refusal): void {
  if (judge.isStrict) throw refusal;
  pinning.objections.push(refusal);
}

/** Images that the Dockerfile takes from: those that are here have an owner, the rest will be pulled. */
async function nameSources(pinning: Naming, summary: TarSummary, call: Call, judge: UploadJudge): Promise<void> {
  for (const path of dockerfilesOf(call)) {
    const dockerfile = summary.documents.get(path);
    if (dockerfile === undefined) continue; // the engine answers when there is none at all
    const found = dockerfileReferences(dockerfile, buildArguments(call));
    const { bases, images, remotes, unresolved } = found;
    pinning.remotes.push(...remotes);
    for (const refusal of otherBuildReadings(found, judge.engineKind)) object(pinning, judge, refusal);
    if (unresolved[0] !== undefined) object(pinning, judge, refuseUnresolved(unresolved[0]));
    for (const image of images) {
      const source = await nameSource(pinning, image, judge);
      if (bases.includes(image)) await nameTriggers(pinning, image, source, call, judge);
    }
  }
}

async function nameSource(pinning: Naming, image: string, judge: UploadJudge): Promise<FoundImage | undefined> {
  const found = await pinImage(pinning, image);
  await nameOfHub(pinning, image, judge.engineKind);
  const registry = readReference(image)?.domain ?? "unknown";
  const mayPull = judge.grants.has("registry.private") || !isPrivateRegistry(registry);
  if (found === undefined && !mayPull) object(pinning, judge, refuseRegistry(image));
  return found;
}

/** What a base image says in ONBUILD is run as if it stood in the Dockerfile: it may copy from any image, too. */
async function nameTriggers(
  pinning: Naming,
  base: string,
  found: FoundImage | undefined,
  call: Call,
  judge: UploadJudge,
): Promise<void> {
  const mayReadAny = judge.grants.has("owner.any") || judge.grants.has("build.unrestricted");
  const isPulled = found === undefined || isTrue(call.query["pull"]?.[0] ?? "");
  if (isPulled && !mayReadAny) object(pinning, judge, refuseUnknownBase(base));
  const triggers = dockerfileReferences(Buffer.from((found?.onBuild ?? []).join("\n")));
  const { images, remotes, unresolved } = triggers;
  pinning.remotes.push(...remotes);
  for (const refusal of otherBuildReadings(triggers, judge.engineKind)) object(pinning, judge, refusal);
  if (unresolved[0] !== undefined) object(pinning, judge, refuseUnresolved(`ONBUILD ${unresolved[0]}`));
  for (const image of images) await nameSource(pinning, image, judge);
}

function refusePath(): Refusal {
  return new Refusal({
    code: "AMBIGUOUS_INPUT",
    status: 400,
    rule: "request/build-path",
    reason: "query parameter dockerfile: a path that climbs out of a folder",
    hint: "name the Dockerfile by its path in the build context, without ..",
  });
}

function refuseNoDockerfile(): Refusal {
  return new Refusal({
    code: "NOT_FOUND",
    status: 400,
    rule: "request/no-dockerfile",
    reason: "there is no Dockerfile in the build's context",
    hint: "name it with -f, by its path in the context",
  });
}

function refuseUnknownBase(base: string): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "request/unknown-base-image",
    reason: `Dockerfile: ${JSON.stringify(base)} would be pulled during the build, and its build triggers are not known`,
    hint: `run docker pull ${base} first, and build without --pull`,
  });
}

function refuseRegistry(image: string): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "invariant/private-registry",
    reason: `Dockerfile: ${JSON.stringify(image)} would be pulled from a registry inside the walls`,
    hint: "pull the image first, or ask for the grant registry.private",
  });
}

function refuseUnresolved(instruction: string): Refusal {
  return new Refusal({
    code: "AMBIGUOUS_INPUT",
    status: 400,
    rule: "request/unresolved-image",
    reason: `Dockerfile: which image is meant cannot be told before it is built: ${JSON.stringify(instruction)}`,
    hint: "give the build argument a default value, or pass it with --build-arg",
  });
}
