// The name of an image -> the digest that is judged, by asking the registry once; and what the engine will have when it
// pulled that digest. Nothing is asked by name after that.

import { PlimsollError } from "../../base/errors.ts";
import { formatReference, type ImageReference, repositoryOf } from "../../base/reference.ts";
import { pluginConfigTypes, readManifest } from "../../image/documents/manifest.ts";
import { chooseManifest } from "../../image/documents/platform.ts";
import { defaultImageLimits } from "../../image/limits.ts";
import type { Artifact, ArtifactStore } from "../../model/artifact-store.ts";
import type { Digest, Platform } from "../../model/image.ts";
import type { TrustSubject } from "../../model/trust.ts";

export type ResolvedSubject = {
  /** What the name stands for: an index, or a manifest. */
  readonly subject: TrustSubject;
  /** The manifest for the platform; the subject's own digest where it is no index. */
  readonly manifestDigest: Digest;
  /** The id of the image in an engine that keeps images by their config. */
  readonly configDigest: Digest;
};

const { maxManifestBytes } = defaultImageLimits;

/** @throws PlimsollError NOT_FOUND, AMBIGUOUS_INPUT, MALFORMED_INPUT, and what the registry's answers bring */
export async function resolveSubject(
  reference: ImageReference,
  store: ArtifactStore,
  platform: Platform,
): Promise<ResolvedSubject> {
  const { subject, top } = await resolveTop(reference, store);
  const document = readManifest(top.bytes, top.mediaType, maxManifestBytes);
  if (document.kind === "manifest") {
    return { subject, manifestDigest: top.digest, configDigest: document.config.digest };
  }
  const chosen = chooseManifest(document.manifests, platform);
  const child = await manifestOf(reference, chosen.digest, store);
  const manifest = readManifest(child.bytes, chosen.mediaType, maxManifestBytes);
  if (manifest.kind === "index") {
    throw new PlimsollError("AMBIGUOUS_INPUT", `${formatReference(reference)}: an index within an index`, {
      hint: "name the inner index, or the image itself, by its digest",
    });
  }
  return { subject, manifestDigest: child.digest, configDigest: manifest.config.digest };
}

/** An engine plugin: one manifest, for engines choose none from an index of them. @throws as {@link resolveSubject} */
export async function resolvePlugin(reference: ImageReference, store: ArtifactStore): Promise<TrustSubject> {
  const { subject, top } = await resolveTop(reference, store);
  const { kind } = readManifest(top.bytes, top.mediaType, maxManifestBytes, pluginConfigTypes);
  if (kind === "manifest") return subject;
  throw new PlimsollError("AMBIGUOUS_INPUT", `${formatReference(reference)}: an index, where a plugin was expected`, {
    hint: "name the plugin in it by its digest",
  });
}

type Top = { readonly subject: TrustSubject; readonly top: Artifact };

/** What the name stands for, whatever it is for. */
export async function resolveTop(reference: ImageReference, store: ArtifactStore): Promise<Top> {
  const top = await manifestOf(reference, reference.digest ?? reference.tag ?? "latest", store);
  const subject = {
    ...{ digest: top.digest, mediaType: top.mediaType, size: top.bytes.byteLength },
    ...{ repository: repositoryOf(reference), tag: reference.tag ?? (reference.digest === undefined ? "latest" : "") },
  };
  return { subject, top };
}

async function manifestOf(reference: ImageReference, name: string, store: ArtifactStore): Promise<Artifact> {
  const found = await store.manifest(name);
  if (found !== undefined) return found;
  throw new PlimsollError("NOT_FOUND", `${formatReference(reference)}: the registry has no ${name}`, {
    hint: "check its name and tag, and whether it needs credentials",
  });
}
