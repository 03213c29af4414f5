// The image in an archive, whatever wrote it: docker save (old and new), podman, skopeo, ctr images export.
// Where an archive describes its image twice, both descriptions must be the same.

import { malformed } from "../../base/errors.ts";
import type { ImageDescription, LayerDescriptor } from "../../model/image.ts";
import type { Descriptor } from "../documents/descriptor.ts";
import { ambiguousDocument } from "../documents/document.ts";
import { thisPlatform } from "../documents/platform.ts";
import { type ResolvedImage, resolveImage } from "../documents/resolve-image.ts";
import type { LayerBytes, OpenedImage, SourceSettings } from "../source.ts";
import { canonicalNames } from "../subject.ts";
import type { Archive } from "./archive.ts";
import { describeSaved, readSavedImage, type SavedImage } from "./docker-save.ts";
import { checkLayout, chooseFromLayout, type LayoutEntry } from "./oci-index.ts";

export type ArchiveSubject = {
  /** As typed. */
  readonly subject: string;
  /** Which image of several; "" for the only one. */
  readonly image: string;
};

export function holdsImage(archive: Archive): boolean {
  return archive.has("manifest.json") || archive.has("index.json");
}

/** The archive is closed with the image, or at once when it holds none that can be opened. */
export async function openArchiveImage(
  archive: Archive,
  subject: ArchiveSubject,
  settings: SourceSettings,
): Promise<OpenedImage> {
  try {
    const isLayout = archive.has("index.json") && archive.has("oci-layout");
    return await (isLayout ? openLayout(archive, subject, settings) : openSaved(archive, subject, settings));
  } catch (error) {
    await archive.close();
    throw error;
  }
}

async function openSaved(
  archive: Archive,
  { subject, image }: ArchiveSubject,
  settings: SourceSettings,
): Promise<OpenedImage> {
  const saved = await readSavedImage(archive, image, settings.limits);
  const parts = await describeSaved(archive, saved, settings.limits);
  const files = saved.Layers ?? [];
  const description: ImageDescription = {
    subject,
    source: "docker-archive",
    names: canonicalNames(saved.RepoTags ?? []),
    indexDigest: "",
    manifestDigest: "",
    ...parts,
  };
  return opened(archive, description, (layer) => files[layer.index] ?? "");
}

async function openLayout(
  archive: Archive,
  { subject, image }: ArchiveSubject,
  settings: SourceSettings,
): Promise<OpenedImage> {
  const { limits } = settings;
  const platform = settings.platform ?? thisPlatform();
  checkLayout(await archive.read("oci-layout", limits.maxManifestBytes), limits.maxManifestBytes);
  const index = await archive.read("index.json", limits.maxManifestBytes);
  const entry = chooseFromLayout(index, image, platform, limits.maxManifestBytes);
  const read = (from: Descriptor, maxBytes: number): Promise<Uint8Array> =>
    archive.read(blobPath(from.digest), maxBytes);
  const resolved = await resolveImage(entry.descriptor, { read, platform, limits });
  if (archive.has("manifest.json")) await checkAgreement(archive, resolved, image, settings);
  return opened(archive, toDescription(subject, "oci-archive", entry, resolved), (layer) => blobPath(layer.digest));
}

export function toDescription(
  subject: string,
  source: string,
  entry: LayoutEntry,
  resolved: ResolvedImage,
): ImageDescription {
  return { subject, source, names: entry.names, ...resolved };
}

export function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

/** manifest.json is what older engines go by, index.json what newer ones do. */
async function checkAgreement(
  archive: Archive,
  resolved: ResolvedImage,
  image: string,
  settings: SourceSettings,
): Promise<void> {
  const saved: SavedImage = await readSavedImage(archive, image, settings.limits);
  const config = await archive.read(saved.Config, settings.limits.maxConfigBytes);
  const same = await archive.read(blobPath(resolved.configDigest), settings.limits.maxConfigBytes);
  const isSame = config.equals(same) && (saved.Layers ?? []).length === resolved.layers.length;
  const differing = resolved.layers.find((layer) => !isSameFile(archive, saved.Layers?.[layer.index] ?? "", layer));
  if (!isSame || differing !== undefined)
    throw ambiguousDocument("archive", "manifest.json and index.json describe different images");
}

function isSameFile(archive: Archive, file: string, layer: LayerDescriptor): boolean {
  return archive.has(file) && archive.locate(file).offset === archive.locate(blobPath(layer.digest)).offset;
}

function opened(
  archive: Archive,
  description: ImageDescription,
  fileOf: (layer: LayerDescriptor) => string,
): OpenedImage {
  const openLayer = async (layer: LayerDescriptor): Promise<LayerBytes> => {
    if (description.layers[layer.index] === undefined) throw malformed("layer", `no layer ${layer.index}`);
    return await Promise.resolve({ kind: "file", ...archive.locate(fileOf(layer)) });
  };
  for (const layer of description.layers) archive.locate(fileOf(layer));
  return { description, openLayer, close: () => archive.close() };
}
