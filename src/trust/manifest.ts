// Manifests that carry signatures: read strictly, written the way every reader takes them.
// Source: OCI image-spec v1.1.0, manifest.md, "Guidelines for Artifact Usage".

import { malformed } from "../base/errors.ts";
import { decodeJson, encodeJson } from "../base/json.ts";
import { array, decode, integer, literal, object, optional, record, string } from "../base/schema.ts";
import type { Artifact, ArtifactDescriptor, ArtifactStore } from "../model/artifact-store.ts";
import type { Digest } from "../model/image.ts";
import type { TrustSubject } from "../model/trust.ts";

export const manifestType = "application/vnd.oci.image.manifest.v1+json";
export const emptyType = "application/vnd.oci.empty.v1+json";

/** Signatures are small; an attestation may carry a whole bill of materials. Bytes. */
export const maxSignatureBytes = 8 * 1024 * 1024;
const maxManifestBytes = 1024 * 1024;

const descriptor = object({
  mediaType: string,
  digest: string,
  size: integer,
  artifactType: optional(string),
  annotations: optional(record(string)),
});

const manifestShape = object({
  schemaVersion: integer,
  mediaType: optional(literal(manifestType)),
  artifactType: optional(string),
  config: descriptor,
  layers: array(descriptor),
  subject: optional(descriptor),
});

export type SignatureManifest = {
  readonly artifactType: string;
  readonly layers: readonly ArtifactDescriptor[];
  /** "" when it speaks about nothing. */
  readonly subject: Digest;
};

/** @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED, AMBIGUOUS_INPUT */
export function readSignatureManifest(artifact: Artifact): SignatureManifest {
  const where = `manifest ${artifact.digest}`;
  const value = decodeJson(artifact.bytes, { maxBytes: maxManifestBytes });
  const manifest = decode(manifestShape, value, { code: "MALFORMED_INPUT", where });
  if (manifest.schemaVersion !== 2)
    throw malformed(where, `schemaVersion: expected 2, found ${manifest.schemaVersion}`);
  return {
    artifactType: manifest.artifactType ?? manifest.config.mediaType,
    layers: manifest.layers.map((layer) => ({
      ...{ digest: layer.digest, mediaType: layer.mediaType, size: layer.size },
      ...{ artifactType: layer.artifactType ?? "", annotations: layer.annotations ?? {} },
    })),
    subject: manifest.subject?.digest ?? "",
  };
}

/** The blob of a layer, which must be as long as its descriptor says. */
export async function readSignatureBlob(store: ArtifactStore, layer: ArtifactDescriptor): Promise<Uint8Array> {
  if (layer.size < 0 || layer.size > maxSignatureBytes) {
    throw malformed(`blob ${layer.digest}`, `expected at most ${maxSignatureBytes} bytes, found ${layer.size}`);
  }
  const bytes = await store.blob(layer.digest, maxSignatureBytes);
  if (bytes.byteLength !== layer.size) {
    throw malformed(`blob ${layer.digest}`, `expected ${layer.size} bytes, found ${bytes.byteLength}`);
  }
  return bytes;
}

/** `sha256-0123...`: how tags carry a digest. */
export function tagOfDigest(digest: Digest): string {
  return digest.replace(":", "-");
}

export type ReferrerParts = {
  readonly subject: TrustSubject;
  readonly artifactType: string;
  readonly configType: string;
  readonly blobType: string;
  readonly blob: Uint8Array;
  readonly annotations: Readonly<Record<string, string>>;
};

/** Pushes blob and manifest of a referrer; the store puts it where others look it up. */
export async function pushReferrer(store: ArtifactStore, parts: ReferrerParts): Promise<Digest> {
  const empty = new TextEncoder().encode("{}");
  const config = { mediaType: parts.configType, digest: await store.putBlob(empty), size: empty.byteLength };
  const layer = { mediaType: parts.blobType, digest: await store.putBlob(parts.blob), size: parts.blob.byteLength };
  const { mediaType, digest, size } = parts.subject;
  const manifest = encodeJson({
    ...{ schemaVersion: 2, mediaType: manifestType, artifactType: parts.artifactType, config, layers: [layer] },
    ...{ subject: { mediaType, digest, size }, annotations: parts.annotations },
  });
  return await store.putManifest("", manifest, manifestType);
}
