// Pushing artifacts: blobs in one piece, manifests, and the entry under the fallback tag where a registry keeps no list of
// referrers itself. Source: OCI distribution-spec v1.1.0, "Push", "Pushing Manifests with Subject".

import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { PlimsollError } from "../../base/errors.ts";
import { decodeJson, encodeJson } from "../../base/json.ts";
import { textAt } from "../../base/reading.ts";
import type { Artifact, ArtifactDescriptor, ArtifactStore } from "../../model/artifact-store.ts";
import type { Digest } from "../../model/image.ts";
import { digestOf } from "../documents/digest.ts";
import { attempts, checkStatus, dropped, firstPauseMs } from "./answer.ts";
import { fallbackTag, readReferrersIndex } from "./referrers.ts";
import type { RegistrySession } from "./registry-session.ts";
import { refused } from "./send.ts";

const indexType = "application/vnd.oci.image.index.v1+json";

export async function pushBlob(session: RegistrySession, bytes: Uint8Array): Promise<Digest> {
  const digest = digestOf(bytes);
  const there = await session.ask(`blobs/${digest}`, { method: "HEAD", headers: {} });
  dropped(there);
  if (there.statusCode === 200) return digest;
  const started = await session.ask("blobs/uploads/", { method: "POST", headers: {}, body: new Uint8Array() });
  checkStatus(started, [202]);
  dropped(started);
  const { location } = started.headers;
  const url = location === undefined ? null : URL.parse(location, session.addressOf("blobs/uploads/").href);
  if (url === null) throw refused("no place to push a blob to");
  url.searchParams.set("digest", digest);
  const headers = { "Content-Type": "application/octet-stream" };
  const answer = await session.ask(url, { method: "PUT", headers, body: bytes });
  checkStatus(answer, [201]);
  dropped(answer);
  return digest;
}

export type PushedManifest = {
  /** Tag; "" to push by digest alone. */
  readonly reference: string;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
};

export async function pushManifest(
  session: RegistrySession,
  store: ArtifactStore,
  manifest: PushedManifest,
): Promise<Digest> {
  const { reference, bytes, mediaType } = manifest;
  const digest = digestOf(bytes);
  const place = `manifests/${reference === "" ? digest : reference}`;
  const answer = await putWhenSettled(session, place, manifest);
  const document = decodeJson(bytes, { duplicates: "exact" });
  const subject = textAt(document, "subject", "digest");
  if (subject === "" || answer.headers["oci-subject"] === subject) return digest;
  const artifactType = textAt(document, "artifactType") || textAt(document, "config", "mediaType");
  await addToFallback(store, subject, { mediaType, digest, size: bytes.byteLength, artifactType, annotations: {} });
  return digest;
}

/**
 * Where several push the same blob at the same moment, a registry may for an instant not know it, although it took it.
 * Whatever it refuses with 400 for another reason it refuses again.
 */
async function putWhenSettled(
  session: RegistrySession,
  place: string,
  { bytes, mediaType }: PushedManifest,
): Promise<IncomingMessage> {
  const question = { method: "PUT", headers: { "Content-Type": mediaType }, body: bytes } as const;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await session.ask(place, question);
    if (answer.statusCode !== 400 || attempt === attempts) {
      checkStatus(answer, [201]);
      return dropped(answer) ?? answer;
    }
    dropped(answer);
    await sleep(firstPauseMs * attempt);
  }
}

/** Several may sign at once, and every entry stays. */
async function addToFallback(store: ArtifactStore, subject: Digest, entry: ArtifactDescriptor): Promise<void> {
  const tag = fallbackTag(subject);
  const isEntry = ({ digest }: ArtifactDescriptor): boolean => digest === entry.digest;
  await store.updateManifest(tag, {
    isIn: (there) => entriesOf(tag, there).some(isEntry),
    change: async (there) => {
      const others = there === undefined ? [] : entriesOf(tag, there);
      const manifests = [...others, entry].map(({ annotations, ...rest }) => ({ ...rest, annotations }));
      return { bytes: encodeJson({ schemaVersion: 2, mediaType: indexType, manifests }), mediaType: indexType };
    },
  });
}

function entriesOf(tag: string, there: Artifact): readonly ArtifactDescriptor[] {
  if (there.mediaType === indexType) return readReferrersIndex(there.bytes);
  throw new PlimsollError("REGISTRY_REFUSED", `registry: under ${tag} lies ${there.mediaType}, no list of referrers`, {
    hint: "remove that tag from the registry",
  });
}
