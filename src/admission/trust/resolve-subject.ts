// The name of an image -> the digest that is judged, by asking the registry once; and what the engine will have when it
// pulled that digest. Nothing is asked by name after that.

import { PlimsollError } from "../../base/errors.ts";
import { formatReference, type ImageReference, repositoryOf } from "../../base/reference.ts";
import type { Descriptor } from "../../image/documents/descriptor.ts";
import { type Manifest, pluginConfigTypes, readManifest } from "../../image/documents/manifest.ts";
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

/** Also what the manifest says of the blobs, which nobody has looked at yet. */
type NewlyResolved = ResolvedSubject & { readonly blobs: readonly Descriptor[] };

/** @throws PlimsollError NOT_FOUND, AMBIGUOUS_INPUT, MALFORMED_INPUT, and what the registry's answers bring */
export async function resolveSubject(
  reference: ImageReference,
  store: ArtifactStore,
  platform: Platform,
): Promise<NewlyResolved> {
  const { subject, top } = await resolveTop(reference, store);
  const document = readManifest(top.bytes, top.mediaType, maxManifestBytes);
  if (document.kind === "manifest") {
    return { subject, manifestDigest: top.digest, configDigest: document.config.digest, blobs: blobsOf(document) };
  }
  const chosen = chooseManifest(document.manifests, platform);
  const child = await manifestOf(reference, chosen.digest, store);
  checkSize(chosen, child.bytes.byteLength);
  const manifest = readManifest(child.bytes, chosen.mediaType, maxManifestBytes);
  if (manifest.kind === "index") {
    throw new PlimsollError("AMBIGUOUS_INPUT", `${formatReference(reference)}: an index within an index`, {
      hint: "name the inner index, or the image itself, by its digest",
    });
  }
  return { subject, manifestDigest: child.digest, configDigest: manifest.config.digest, blobs: blobsOf(manifest) };
}

function blobsOf({ config, layers }: Manifest): readonly Descriptor[] {
  return [...new Map([config, ...layers].map((blob) => [`${blob.digest} ${blob.size}`, blob])).values()];
}

const askedAtOnce = 8;

/**
 * Engines believe the digest and not the size, other readers stop where the size says that they should. A registry that does not say how
 * long a blob is keeps nothing from being judged: that the bytes are those of the digest is seen by whoever gets them.
 */
export async function checkSizes(blobs: readonly Descriptor[], store: ArtifactStore): Promise<void> {
  for (let at = 0; at < blobs.length; at += askedAtOnce) {
    const some = blobs.slice(at, at + askedAtOnce);
    await Promise.all(some.map(async (blob) => checkSize(blob, await sizeOf(blob.digest, store))));
  }
}

async function sizeOf(digest: Digest, store: ArtifactStore): Promise<number | undefined> {
  try {
    return await store.blobSize?.(digest);
  } catch (thrown) {
    if (thrown instanceof PlimsollError) return undefined;
    throw thrown;
  }
}

function checkSize({ digest, size }: Descriptor, found: number | undefined): void {
  if (found === undefined || found === size) return;
  throw new PlimsollError(
    "MALFORMED_INPUT",
    `${digest}: expected the ${size} bytes of its descriptor, found ${found}`,
    {
      hint: "use an image whose manifest is right, or ask for one from who made it",
    },
  );
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
