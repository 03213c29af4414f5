// What `docker save` writes, in its old and its new form: manifest.json names a config and layers for each image.
// Source: moby image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format".

import { stat } from "node:fs/promises";
import { malformed, PlimsollError } from "../../base/errors.ts";
import { array, type Decoded, object, optional, string } from "../../base/schema.ts";
import type { ImageConfig, ImageDescription, LayerDescriptor } from "../../model/image.ts";
import { Archive } from "../archive/archive.ts";
import { creatorsOf, readConfig } from "../documents/config.ts";
import { checkDigest, digestOf } from "../documents/digest.ts";
import { readDocument, spelledExactly } from "../documents/document.ts";
import { layerMediaType } from "../layer/media-type.ts";
import type { ImageSource, OpenedImage, SourceSettings } from "../source.ts";

export const dockerArchive: ImageSource = {
  name: "docker-archive",
  summary: "a file written by docker save, also gzip'ed",
  needs: {},
  async open(subject, settings) {
    const isFile = await stat(subject).then(
      (found) => found.isFile(),
      () => false,
    );
    if (!isFile) return undefined;
    const archive = await Archive.open(subject, settings.temporaryFolder, settings.limits);
    if (archive === undefined) return undefined;
    if (!archive.has("manifest.json")) {
      await archive.close();
      return undefined;
    }
    return await openDockerArchive(subject, archive, settings).catch(async (error: unknown) => {
      await archive.close();
      throw error;
    });
  },
};

const entryFields = { Config: string, RepoTags: optional(array(string)), Layers: optional(array(string)) };
const saved = array(spelledExactly(Object.keys(entryFields), object(entryFields)));
type Saved = Decoded<typeof saved>[number];

async function openDockerArchive(subject: string, archive: Archive, settings: SourceSettings): Promise<OpenedImage> {
  const { limits } = settings;
  const bytes = await archive.read("manifest.json", limits.maxManifestBytes);
  const images = readDocument(bytes, { what: "manifest.json", maxBytes: limits.maxManifestBytes, decoder: saved });
  const image = theOnly(images);
  const configBytes = await archive.read(image.Config, limits.maxConfigBytes);
  const named = namedDigest(image.Config);
  if (named !== "") checkDigest(configBytes, named, "image config");
  const config = readConfig(configBytes, limits.maxConfigBytes);
  const files = image.Layers ?? [];
  const layers = await describeLayers(archive, config, files);
  const description: ImageDescription = {
    subject,
    source: "docker-archive",
    names: image.RepoTags ?? [],
    indexDigest: "",
    manifestDigest: "",
    configDigest: digestOf(configBytes),
    config,
    layers,
  };
  return {
    description,
    openLayer: (layer) => Promise.resolve({ kind: "file", ...archive.locate(files[layer.index] ?? "") }),
    close: () => archive.close(),
  };
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
  const layers: LayerDescriptor[] = [];
  for (const [index, file] of files.entries()) {
    const compression = await archive.compressionOf(file);
    if (compression !== "none" && compression !== "gzip" && compression !== "zstd") {
      throw malformed(`layer ${index}`, `expected tar, gzip or zstd, found ${compression}`);
    }
    layers.push({
      index,
      digest: namedDigest(file),
      mediaType: layerMediaType(compression),
      size: archive.locate(file).length,
      diffId: config.diffIds[index] ?? "",
      createdBy: creators[index] ?? "",
    });
  }
  return layers;
}

function theOnly(images: readonly Saved[]): Saved {
  const [image] = images;
  if (image !== undefined && images.length === 1) return image;
  throw new PlimsollError("AMBIGUOUS_INPUT", `manifest.json: expected one image, found ${images.length}`, {
    hint: "save each image into a file of its own",
  });
}

/** Files whose name is their digest: `blobs/sha256/HEX`, `HEX.json`. */
function namedDigest(path: string): string {
  const hex = /^(?:blobs\/sha256\/)?([a-f0-9]{64})(?:\.json)?$/.exec(path)?.[1];
  return hex === undefined ? "" : `sha256:${hex}`;
}
