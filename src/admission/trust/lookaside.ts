// Signatures in a folder beside the registry, as podman and skopeo keep those made with GPG.
// Source: containers/image docs/signature-protocols.md, "lookaside storage".

import { open } from "node:fs/promises";
import { join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { parseReference } from "../../base/reference.ts";
import type { ArtifactStore } from "../../model/artifact-store.ts";
import type { Digest } from "../../model/image.ts";

const maxBytes = 64 * 1024;

/** @param folder "" for none */
export function withLookaside(store: ArtifactStore, folder: string): ArtifactStore {
  if (folder === "") return store;
  const { path } = parseReference(store.repository);
  return {
    repository: store.repository,
    manifest: (reference) => store.manifest(reference),
    blob: (digest, most) => store.blob(digest, most),
    referrers: (digest, sought) => store.referrers(digest, sought),
    putBlob: (bytes) => store.putBlob(bytes),
    putManifest: (reference, bytes, mediaType) => store.putManifest(reference, bytes, mediaType),
    lookaside: (digest, count) => read(join(folder, `${path}@${fileName(digest)}`, `signature-${count}`)),
  };
}

/** `sha256=0123...` */
function fileName(digest: Digest): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new TypeError("a digest that was never checked");
  return digest.replace(":", "=");
}

async function read(path: string): Promise<Uint8Array | undefined> {
  try {
    const file = await open(path, "r");
    try {
      const bytes = Buffer.alloc(maxBytes + 1);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      if (bytesRead > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new PlimsollError("PERMISSION_NEEDED", `${path}: ${errorText(cause)}`, {
      hint: "make the folder of signatures readable for plimsoll",
      cause,
    });
  }
}
