// Signatures in a folder or on a server beside the registry, as podman and skopeo keep those made with GPG.
// Source: containers/image docs/signature-protocols.md, "lookaside storage".

import { open } from "node:fs/promises";
import { join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { parseReference } from "../../base/reference.ts";
import { checkStatus, dropped, readWhole } from "../../image/registry/answer.ts";
import { send } from "../../image/registry/send.ts";
import type { SourceSettings } from "../../image/source.ts";
import type { ArtifactStore } from "../../model/artifact-store.ts";
import type { Digest } from "../../model/image.ts";

const maxBytes = 64 * 1024;

/** @param place folder, or address without a slash at its end; "" for none @param settings for questions to a server */
export function withLookaside(store: ArtifactStore, place: string, settings: SourceSettings): ArtifactStore {
  if (place === "") return store;
  const { path } = parseReference(store.repository);
  const read = place.startsWith("/")
    ? (name: string) => readFile(join(place, name))
    : (name: string) => ask(new URL(`${place}/${name}`), settings);
  return {
    repository: store.repository,
    manifest: (reference) => store.manifest(reference),
    blob: (digest, most) => store.blob(digest, most),
    blobSize: async (digest) => await store.blobSize?.(digest),
    referrers: (digest, sought) => store.referrers(digest, sought),
    putBlob: (bytes) => store.putBlob(bytes),
    putManifest: (reference, bytes, mediaType) => store.putManifest(reference, bytes, mediaType),
    updateManifest: (tag, update) => store.updateManifest(tag, update),
    lookaside: (digest, count) => read(`${path}@${fileName(digest)}/signature-${count}`),
  };
}

/** `sha256=0123...` */
function fileName(digest: Digest): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new TypeError("a digest that was never checked");
  return digest.replace(":", "=");
}

/** Only "not there" is no signature; all else is an error. It gets no credentials, and no TLS only where that is listed. */
async function ask(url: URL, settings: SourceSettings): Promise<Uint8Array | undefined> {
  const isInsecure = url.protocol === "http:" && settings.insecureRegistries.includes(url.host);
  const answer = await send(url, {
    endpoint: { host: url.host, isInsecure },
    headers: {},
    authorization: "",
    settings,
  });
  if (answer.statusCode === 404) return dropped(answer);
  checkStatus(answer, [200]);
  return await readWhole(answer, maxBytes);
}

async function readFile(path: string): Promise<Uint8Array | undefined> {
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
