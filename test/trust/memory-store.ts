// A repository in memory, so that a test can put there what no registry client would push.

import { createHash } from "node:crypto";
import { PlimsollError } from "../../src/base/errors.ts";
import type { Artifact, ArtifactDescriptor, ArtifactStore } from "../../src/model/artifact-store.ts";

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

export type MemoryStore = ArtifactStore & {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, Artifact>;
};

export function memoryStore(repository: string): MemoryStore {
  const blobs = new Map<string, Uint8Array>();
  const manifests = new Map<string, Artifact>();
  const store: MemoryStore = {
    ...{ repository, blobs, manifests },
    manifest: async (reference) => manifests.get(reference),
    async blob(digest, maxBytes) {
      const bytes = blobs.get(digest);
      if (bytes === undefined || bytes.byteLength > maxBytes) {
        throw new PlimsollError("NOT_FOUND", `no blob ${digest}`, { hint: "push it" });
      }
      return bytes;
    },
    referrers: async (digest) => ({
      entries: [...manifests.values()].filter((artifact) => speaksOf(artifact, digest)).map(describe),
      missing: "",
    }),
    async putBlob(bytes) {
      blobs.set(digestOf(bytes), bytes);
      return digestOf(bytes);
    },
    async putManifest(reference, bytes, mediaType) {
      const artifact = { digest: digestOf(bytes), mediaType, bytes };
      manifests.set(artifact.digest, artifact);
      if (reference !== "") manifests.set(reference, artifact);
      return artifact.digest;
    },
    async updateManifest(tag, { change }) {
      const { bytes, mediaType } = await change(manifests.get(tag));
      return await store.putManifest(tag, bytes, mediaType);
    },
  };
  return store;
}

/** Whatever mentions the digest: a registry may claim anything. */
function speaksOf({ bytes }: Artifact, digest: string): boolean {
  const text = Buffer.from(bytes).toString("utf8");
  return text.includes('"subject"') && text.includes(digest);
}

function describe({ digest, mediaType, bytes }: Artifact): ArtifactDescriptor {
  return { digest, mediaType, size: bytes.byteLength, artifactType: "", annotations: {} };
}
