// The manifests that speak about a subject, opened. What a list says of an entry is a claim (some writers give a wrong type), so
// each is opened; one that cannot be read speaks for nobody, and takes nothing from the others.

import { errorText, PlimsollError } from "../base/errors.ts";
import type { Artifact, ArtifactDescriptor, ArtifactStore } from "../model/artifact-store.ts";
import type { Digest } from "../model/image.ts";
import { manifestType, readSignatureManifest, type SignatureManifest } from "./manifest.ts";

export type OpenedReferrer = { readonly artifact: Artifact; readonly manifest: SignatureManifest };

export type OpenedReferrers = {
  readonly opened: readonly OpenedReferrer[];
  /** Why there may be more; "" when these are all. */
  readonly missing: string;
};

const openedAtOnce = 8;
const maxOpened = 512;
/** Manifests that are too large, or that the registry lists and does not have: no more are tried after so many. */
const maxFailures = 8;

/** @throws PlimsollError when the store cannot tell */
export async function openReferrers(
  store: ArtifactStore,
  subject: Digest,
  sought: readonly string[],
): Promise<OpenedReferrers> {
  const { entries, missing } = await store.referrers(subject, sought);
  const manifests = entries.filter(({ mediaType }) => mediaType === manifestType);
  const opened: OpenedReferrer[] = [];
  let why = missing || (manifests.length > maxOpened ? `more than ${maxOpened} referrers are not looked at` : "");
  let failures = 0;
  for (let at = 0; at < Math.min(manifests.length, maxOpened) && failures < maxFailures; at += openedAtOnce) {
    const some = manifests.slice(at, Math.min(at + openedAtOnce, maxOpened));
    const results = await Promise.all(some.map((entry) => openOne(store, entry, subject)));
    opened.push(...results.flatMap(({ referrers }) => referrers));
    failures += results.filter((result) => result.why !== "").length;
    why ||= results.find((result) => result.why !== "")?.why ?? "";
  }
  return { opened, missing: why };
}

type OpenedOne = { readonly referrers: readonly OpenedReferrer[]; readonly why: string };

async function openOne(store: ArtifactStore, { digest }: ArtifactDescriptor, subject: Digest): Promise<OpenedOne> {
  try {
    const artifact = await store.manifest(digest);
    return { referrers: artifact === undefined ? [] : readReferrer(artifact, subject), why: "" };
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError) || thrown.code !== "LIMIT_EXCEEDED") throw thrown;
    return { referrers: [], why: errorText(thrown) };
  }
}

function readReferrer(artifact: Artifact, subject: Digest): readonly OpenedReferrer[] {
  try {
    const manifest = readSignatureManifest(artifact);
    return manifest.subject === subject ? [{ artifact, manifest }] : [];
  } catch {
    return [];
  }
}
