// Uploads whose verdict needs their content: what a build takes from, and which names an image archive would set.
// The first decision was about the call; this one is about the whole, made before the engine has the archive's end.

import { decodeJson } from "../../base/json.ts";
import { fieldAt, fieldsAt, isFields, listAt, textAt, textsAt } from "../../base/reading.ts";
import { parseReference } from "../../base/reference.ts";
import type { Decision } from "../../model/decision.ts";
import type { Grant } from "../../model/grant.ts";
import type { Call, EngineRequest, PinnedCall, Reference } from "../call.ts";
import { isPrivateRegistry } from "../facts/registry.ts";
import type { Lookup } from "../references/lookup.ts";
import { type Pinning, pinImage, pinTag } from "../references/pinning.ts";
import { Denial, Refusal } from "../refusal.ts";
import { dockerfileReferences } from "./dockerfile-references.ts";
import { inspectTar } from "./inspect-tar.ts";
import type { TarSummary } from "./inspected-tar.ts";

export type UploadJudge = {
  readonly lookup: Lookup;
  /** `Principal.owner` of the caller. */
  readonly owner: string;
  /** False in observe and warn mode: everything passes, and what would be refused is only told. */
  readonly isStrict: boolean;
  readonly grants: ReadonlySet<Grant>;
  /** Decides again, now with everything that the content names. */
  decide(pinned: PinnedCall): Decision;
};

/** The request with an inspector in its stream; as it was when its body is no tar. */
export function inspectUpload(request: EngineRequest, pinned: PinnedCall, judge: UploadJudge): EngineRequest {
  const { body } = pinned.call.route;
  if (request.body.kind !== "stream" || body.kind !== "tar") return request;
  const inspect = inspectTar({
    documents: documentsOf(pinned.call),
    isStrict: judge.isStrict,
    async onSummary(summary) {
      const named = await namesIn(summary, pinned.call, judge);
      if (named.length === 0) return;
      const decision = judge.decide({ ...pinned, references: [...pinned.references, ...named] });
      if (judge.isStrict && decision.verdict === "deny") throw new Denial(decision);
    },
  });
  return { ...request, body: { kind: "stream", inspect } };
}

const imageDocuments = ["manifest.json", "repositories", "index.json"] as const;

function documentsOf(call: Call): readonly string[] {
  switch (call.route.action) {
    case "image.build":
      return [dockerfileOf(call)];
    case "image.load":
      return imageDocuments;
    default:
      return [];
  }
}

function dockerfileOf(call: Call): string {
  return call.query["dockerfile"]?.[0] || "Dockerfile";
}

async function namesIn(summary: TarSummary, call: Call, judge: UploadJudge): Promise<readonly Reference[]> {
  const { lookup, owner } = judge;
  const pinning: Pinning = { lookup, owner, references: [], realPaths: new Map(), volumeOptions: new Map() };
  if (call.route.action === "image.build") await nameSources(pinning, summary, call, judge);
  if (call.route.action === "image.load") for (const tag of tagsIn(summary)) await pinTag(pinning, tag, "");
  return pinning.references;
}

/** Images that the Dockerfile takes from: those that are here have an owner, the rest will be pulled. */
async function nameSources(pinning: Pinning, summary: TarSummary, call: Call, judge: UploadJudge): Promise<void> {
  const dockerfile = summary.documents.get(dockerfileOf(call));
  if (dockerfile === undefined) return; // the engine answers that it is missing
  const { images, unresolved } = dockerfileReferences(dockerfile, buildArguments(call));
  if (judge.isStrict && unresolved[0] !== undefined) throw refuseUnresolved(unresolved[0]);
  for (const image of images) {
    const isHere = (await pinImage(pinning, image)) !== undefined;
    const registry = parseReference(image)?.domain ?? "unknown";
    const mayPull = judge.grants.has("registry.private") || !isPrivateRegistry(registry);
    if (judge.isStrict && !isHere && !mayPull) throw refuseRegistry(image);
  }
}

function buildArguments(call: Call): Readonly<Record<string, string>> {
  const text = call.query["buildargs"]?.[0] ?? "";
  if (text === "") return {};
  const entries = Object.entries(fieldsAt(decodeJson(new TextEncoder().encode(text))));
  return Object.fromEntries(
    entries.filter(([, value]) => typeof value === "string").map(([key, value]) => [key, String(value)]),
  );
}

/**
 * Every name that the archive would set. Engines differ in which document they read, so all of them count.
 * @throws PlimsollError MALFORMED_INPUT, AMBIGUOUS_INPUT when a document is not one unambiguous JSON document
 */
function tagsIn({ documents }: TarSummary): readonly string[] {
  const [manifest, repositories, index] = imageDocuments.map((name) => {
    const bytes = documents.get(name);
    return bytes === undefined ? undefined : decodeJson(bytes);
  });
  return [
    ...new Set([
      ...listAt({ manifest }, "manifest").flatMap((image) => textsAt(image, "RepoTags")),
      ...Object.entries(fieldsAt(repositories)).flatMap(([name, tags]) =>
        isFields(tags) ? Object.keys(tags).map((tag) => `${name}:${tag}`) : [],
      ),
      ...listAt(index, "manifests").flatMap(annotatedName),
    ]),
  ];
}

/** @see containerd, images/archive: io.containerd.image.name; OCI image-spec v1.1.0, annotations.md, ref.name */
function annotatedName(descriptor: unknown): readonly string[] {
  const annotations = fieldAt(descriptor, "annotations");
  const full = textAt(annotations, "io.containerd.image.name");
  const reference = textAt(annotations, "org.opencontainers.image.ref.name");
  const names = [full, ...(reference.includes("/") || reference.includes(":") ? [reference] : [])];
  return names.filter((name) => name !== "");
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
