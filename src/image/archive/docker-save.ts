// What `docker save` writes: manifest.json names a config and layers for each image; older engines write nothing else.
// Source: moby image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format".

import { malformed, PlimsollError } from "../../base/errors.ts";
import { array, type Decoded, object, optional, string } from "../../base/schema.ts";
import type { ImageConfig, LayerDescriptor } from "../../model/image.ts";
import { creatorsOf, readConfig } from "../documents/config.ts";
import { checkDigest, digestOf } from "../documents/digest.ts";
import { readDocument, spelledExactly } from "../documents/document.ts";
import { layerMediaType } from "../layer/media-type.ts";
import type { ImageLimits } from "../source.ts";
import { canonicalName } from "../subject.ts";
import type { Archive } from "./archive.ts";

const fields = { Config: string, RepoTags: optional(array(string)), Layers: optional(array(string)) };
const saved = array(spelledExactly(Object.keys(fields), object(fields)));

export type SavedImage = Decoded<typeof saved>[number];

/** @param name picks one of several; "" when there must be only one */
export async function readSavedImage(archive: Archive, name: string, limits: ImageLimits): Promise<SavedImage> {
  const bytes = await archive.read("manifest.json", limits.maxManifestBytes);
  const all = readDocument(bytes, { what: "manifest.json", maxBytes: limits.maxManifestBytes, decoder: saved });
  const images = name === "" ? all : all.filter((image) => isNamed(image, name));
  const [image] = images;
  if (image !== undefined && images.length === 1) return image;
  const names = all.flatMap((one) => one.RepoTags ?? []).slice(0, 20);
  throw new PlimsollError("AMBIGUOUS_INPUT", `manifest.json: expected one image, found ${images.length}`, {
    hint: `choose one by its name, PATH#NAME${names.length > 0 ? `: ${names.join(", ")}` : ""}`,
  });
}

function isNamed(image: SavedImage, name: string): boolean {
  const [wanted] = canonicalName(name);
  return wanted !== undefined && (image.RepoTags ?? []).some((tag) => canonicalName(tag)[0] === wanted);
}

export type SavedParts = {
  readonly configDigest: string;
  readonly config: ImageConfig;
  readonly layers: readonly LayerDescriptor[];
};

/** The image as manifest.json alone describes it. */
export async function describeSaved(archive: Archive, image: SavedImage, limits: ImageLimits): Promise<SavedParts> {
  const bytes = await archive.read(image.Config, limits.maxConfigBytes);
  const named = namedDigest(image.Config);
  if (named !== "") checkDigest(bytes, named, "image config");
  const config = readConfig(bytes, limits.maxConfigBytes);
  return { configDigest: digestOf(bytes), config, layers: await describeLayers(archive, config, image.Layers ?? []) };
}

async function describeLayers(
  archive: Archive,
  config: ImageConfig,
  files: readonly string[],
): Promise<readonly LayerDescriptor[]> {
  if (files.length !== config.diffIds.length) {
    throw malformed("manifest.json", `${files.length} layers, where the config has ${config.diffIds.length}`);
  }
  const creators = creatorsOf(config);
  return await Promise.all(
    files.map(async (file, index) => ({
      index,
      digest: namedDigest(file),
      mediaType: await mediaTypeOf(archive, file),
      size: archive.locate(file).length,
      diffId: config.diffIds[index] ?? "",
      createdBy: creators[index] ?? "",
    })),
  );
}

/** The format does not say, and engines go by the bytes. */
async function mediaTypeOf(archive: Archive, file: string): Promise<string> {
  const compression = await archive.compressionOf(file);
  if (compression === "none" || compression === "gzip" || compression === "zstd") return layerMediaType(compression);
  throw malformed(`archive: ${file}`, `expected tar, gzip or zstd, found ${compression}`);
}

/** Of a file whose name is its digest: `blobs/sha256/HEX`, `HEX.json`. */
export function namedDigest(path: string): string {
  const hex = /^(?:blobs\/sha256\/)?([a-f0-9]{64})(?:\.json)?$/.exec(path)?.[1];
  return hex === undefined ? "" : `sha256:${hex}`;
}
