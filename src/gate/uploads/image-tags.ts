// Which references an image archive would set: its tags are in documents that may stand anywhere in it, even at its end.
// Source: moby image/tarexport/load.go (manifest.json, else the older `repositories`); OCI image layout, index.json.

import { carriedFile } from "../../admission/trust/carried.ts";
import { decodeJson, foldKey } from "../../base/json.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { TarSummary } from "./inspected-tar.ts";

/** What `inspectTar` has to keep for `archiveTags`. */
const namingDocuments = ["manifest.json", "repositories", "index.json"] as const;
/** Those, and the signatures that somebody carried along. */
export const imageDocuments: readonly string[] = [...namingDocuments, carriedFile];

/** Annotations under which builders and containerd keep the full reference. */
const nameAnnotations = ["io.containerd.image.name", "org.opencontainers.image.ref.name"] as const;

/**
 * @returns references as the archive has them, sorted, without duplicates; an engine may use fewer
 * @throws PlimsollError MALFORMED_INPUT, AMBIGUOUS_INPUT: an engine could read the document in another way
 */
export function archiveTags(summary: TarSummary): readonly string[] {
  const tags = [
    ...manifestTags(documentOf(summary, "manifest.json")),
    ...repositoryTags(documentOf(summary, "repositories")),
    ...indexTags(documentOf(summary, "index.json")),
  ];
  return [...new Set(tags)].sort();
}

/**
 * Ids of the images in manifest.json, as far as its paths tell: engines name configs by their digests.
 * @returns undefined when one is named in another way, or there is no manifest.json
 */
export function archiveImages(summary: TarSummary): readonly string[] | undefined {
  const images = listOf(documentOf(summary, "manifest.json")).map((image) => {
    const path = member(image, "Config");
    const hex = isText(path) ? /^(?:blobs\/sha256\/([0-9a-f]{64})|([0-9a-f]{64})\.json)$/.exec(path) : null;
    return hex === null ? undefined : `sha256:${hex[1] ?? hex[2]}`;
  });
  const ids = images.filter((id) => id !== undefined);
  return images.length > 0 && ids.length === images.length ? ids : undefined;
}

function documentOf(summary: TarSummary, path: (typeof namingDocuments)[number]): JsonValue {
  const bytes = summary.documents.get(path);
  return bytes === undefined || bytes.length === 0 ? null : decodeJson(bytes);
}

/** Go reads keys in any case; the decoder has refused an object that holds one key twice. */
function member(value: JsonValue, key: string): JsonValue {
  if (!isObject(value)) return null;
  const found = Object.keys(value).find((name) => foldKey(name) === foldKey(key));
  return found === undefined ? null : (value[found] ?? null);
}

function manifestTags(manifest: JsonValue): readonly string[] {
  return listOf(manifest).flatMap((image) => listOf(member(image, "RepoTags")).filter(isText));
}

/** `{"debian": {"12": "<id>"}}` */
function repositoryTags(repositories: JsonValue): readonly string[] {
  if (!isObject(repositories)) return [];
  return Object.entries(repositories).flatMap(([name, tags]) =>
    isObject(tags) ? Object.keys(tags).map((tag) => `${name}:${tag}`) : [],
  );
}

function indexTags(index: JsonValue): readonly string[] {
  return listOf(member(index, "manifests")).flatMap((manifest) => {
    const annotations = member(manifest, "annotations");
    if (!isObject(annotations)) return [];
    const [full, short] = nameAnnotations.map((name) => annotations[name]);
    if (isText(full)) return [full];
    return isText(short) && /[:/]/.test(short) ? [short] : [];
  });
}

function listOf(value: JsonValue): readonly JsonValue[] {
  return isList(value) ? value : [];
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === "string";
}
