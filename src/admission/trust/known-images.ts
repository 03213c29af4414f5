// What was verified before and cannot change any more: which digest is which image, and who signed it with a key. Kept on disk,
// so that a registry that is away does not keep verified images from running.

import { array, boolean, type Decoder, integer, literal, object, string } from "../../base/schema.ts";
import type { Digest, Platform } from "../../model/image.ts";
import type { JsonValue } from "../../model/json.ts";
import type { TrustSubject, VerifiedStatement } from "../../model/trust.ts";
import { openRecords } from "./records.ts";
import type { ResolvedSubject } from "./resolve-subject.ts";

export interface KnownImages {
  /** @param place `docker.io/library/a@sha256:...` */
  resolved(place: string, platform: Platform): ResolvedSubject | undefined;
  rememberResolved(resolved: ResolvedSubject, platform: Platform): void;
  /** Places where the image with this config or manifest was found before. */
  placesOf(imageId: Digest): readonly string[];
  statements(place: string, material: string): readonly VerifiedStatement[] | undefined;
  /** Keeps only what a key signed: certificates end, and somebody has to look at the clock again. */
  rememberStatements(place: string, material: string, statements: readonly VerifiedStatement[]): void;
}

const json: Decoder<JsonValue> = (value, path) => {
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string")
    return value;
  if (Array.isArray(value)) return value.map((item: unknown) => json(item, path));
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, member]) => [key, json(member, path)]));
};
const subjectShape = object({ digest: string, mediaType: string, size: integer, repository: string, tag: string });
const resolvedShape = object({ subject: subjectShape, manifestDigest: string, configDigest: string });
const statementShape = object({
  format: string,
  signer: object({ kind: literal("key"), keyId: string }),
  ...{ digest: string, repository: string, tag: string, predicateType: string, predicate: json },
  ...{ signedAtMs: integer, hasTimestamp: boolean, isInLog: boolean },
});
const maxPlaces = 16;

export function openKnownImages(folder: string): KnownImages {
  const resolutions = openRecords(`${folder}/resolved`, resolvedShape);
  const places = openRecords(`${folder}/places`, array(string));
  const signed = openRecords(`${folder}/signed`, array(statementShape));
  const note = (imageId: Digest, place: string): void => {
    const before = places.get(imageId) ?? [];
    if (!before.includes(place)) places.put(imageId, [place, ...before].slice(0, maxPlaces));
  };
  return {
    resolved: (place, platform) => resolutions.get(`${place} ${platformText(platform)}`),
    rememberResolved({ subject, manifestDigest, configDigest }, platform) {
      const place = placeOf(subject);
      const known = { subject: { ...subject, tag: "" }, manifestDigest, configDigest };
      resolutions.put(`${place} ${platformText(platform)}`, known);
      for (const id of new Set([configDigest, manifestDigest, subject.digest])) note(id, place);
    },
    placesOf: (imageId) => places.get(imageId) ?? [],
    statements: (place, material) => signed.get(`${place} ${material}`),
    rememberStatements(place, material, statements) {
      const lasting = statements.flatMap((one) => (one.signer.kind === "key" ? [{ ...one, signer: one.signer }] : []));
      if (lasting.length > 0) signed.put(`${place} ${material}`, lasting);
    },
  };
}

export function placeOf({ repository, digest }: Pick<TrustSubject, "repository" | "digest">): string {
  return `${repository}@${digest}`;
}

function platformText({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}/${variant}`;
}
