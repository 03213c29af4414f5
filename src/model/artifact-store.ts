// A place that keeps manifests and blobs by digest, and knows which manifests speak about another: a registry's repository, or an OCI layout.
// Source: OCI distribution-spec v1.1.0, "Pulling manifests", "Listing Referrers", "Referrers Tag Schema".

import type { Digest } from "./image.ts";

export type Artifact = {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
};

export type ArtifactDescriptor = {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly artifactType: string;
  readonly annotations: Readonly<Record<string, string>>;
};

export type ReferrerList = {
  readonly entries: readonly ArtifactDescriptor[];
  /** Why there may be more, one sentence; "" when these are all. */
  readonly missing: string;
};

/** One change of a manifest that others may be changing too. */
export type ManifestUpdate = {
  /** From what lies there to what shall; asked again when another writer undid it. */
  readonly change: (there: Artifact | undefined) => Promise<Omit<Artifact, "digest">>;
  readonly isIn: (there: Artifact) => boolean;
};

export interface ArtifactStore {
  /** Canonical, `docker.io/library/busybox`. */
  readonly repository: string;
  /**
   * Hashes what it gets: for a digest the bytes are those, for a tag the digest is theirs.
   * @returns undefined when it is not there @throws PlimsollError when that cannot be told (refused, unreachable, too large)
   */
  manifest(reference: string): Promise<Artifact | undefined>;
  blob(digest: Digest, maxBytes: number): Promise<Uint8Array>;
  /** How long a blob is, as far as the place says so; undefined when it does not. Absent where nobody could know. */
  blobSize?(digest: Digest): Promise<number | undefined>;
  /**
   * Descriptors of manifests that name this digest as their subject, by the referrers API and by the fallback tag. Claims, until opened.
   * @param sought artifact types that come first where there are more than anybody reads
   */
  referrers(digest: Digest, sought: readonly string[]): Promise<ReferrerList>;
  /** Signatures that are kept beside the registry, counted from 1; absent where there is no such place. */
  lookaside?(digest: Digest, count: number): Promise<Uint8Array | undefined>;
  putBlob(bytes: Uint8Array): Promise<Digest>;
  putManifest(reference: string, bytes: Uint8Array, mediaType: string): Promise<Digest>;
  /** Changes what lies under a tag, and returns when the change stayed although others write there. @throws PlimsollError REGISTRY_REFUSED */
  updateManifest(tag: string, update: ManifestUpdate): Promise<Digest>;
}
