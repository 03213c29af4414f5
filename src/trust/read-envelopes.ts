// The blobs behind the places where signatures may be, within limits. Where there are more than are looked at, the smallest come
// first: signatures are small, and whoever buries one has to make many. What cannot be read takes nothing from the others.

import { errorText, PlimsollError } from "../base/errors.ts";
import type { ArtifactDescriptor, ArtifactStore } from "../model/artifact-store.ts";
import type { Digest } from "../model/image.ts";
import type { RejectedStatement } from "../model/trust.ts";
import { readSignatureBlob } from "./manifest.ts";
import type { Envelope, FoundEnvelopes } from "./signature-format.ts";

/** Where a signature may be: a layer of a manifest, and what its manifest says besides. */
export type EnvelopePlace = {
  /** The manifest. */
  readonly artifact: Digest;
  readonly layer: ArtifactDescriptor;
  readonly parts: Readonly<Record<string, string>>;
};

export type PlacesToRead = {
  readonly format: string;
  readonly places: readonly EnvelopePlace[];
  readonly limit: number;
  /** Why there may be more places; "" when these are all. */
  readonly missing: string;
};

/** Blobs that are not as they were described: no more are tried after so many. */
const maxFailures = 8;
/** About this one blob, and not about whether the store can be asked. */
const aboutBlob: readonly string[] = ["MALFORMED_INPUT", "DIGEST_MISMATCH", "LIMIT_EXCEEDED"];

/** @throws PlimsollError when the store cannot tell */
export async function readEnvelopes(store: ArtifactStore, toRead: PlacesToRead): Promise<FoundEnvelopes> {
  const { format, places, limit } = toRead;
  const isFlood = places.length > limit;
  const chosen = isFlood ? places.toSorted((one, other) => one.layer.size - other.layer.size).slice(0, limit) : places;
  const envelopes: Envelope[] = [];
  const rejected: RejectedStatement[] = [];
  for (const { artifact, layer, parts } of chosen) {
    try {
      envelopes.push({ format, artifact, parts, payload: await readSignatureBlob(store, layer) });
    } catch (thrown) {
      if (!(thrown instanceof PlimsollError) || !aboutBlob.includes(thrown.code)) throw thrown;
      rejected.push({ format, why: errorText(thrown), artifact });
      if (rejected.length >= maxFailures) break;
    }
  }
  const unread = isFlood || rejected.length >= maxFailures ? tooMany(places.length, limit) : "";
  return { envelopes, rejected, missing: toRead.missing || unread };
}

export function tooMany(count: number, limit: number): string {
  return `${count} signatures, of which ${Math.min(count, limit)} at most are looked at`;
}
