// From a manifest or index to the whole description of an image; each document is held against the digest that led to it.

import { malformed, PlimsollError } from "../../base/errors.ts";
import type { Digest, ImageConfig, LayerDescriptor, Platform } from "../../model/image.ts";
import type { ImageLimits } from "../source.ts";
import { creatorsOf, readConfig } from "./config.ts";
import type { Descriptor } from "./descriptor.ts";
import { checkDigest, mismatch } from "./digest.ts";
import { ambiguousDocument } from "./document.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { chooseManifest } from "./platform.ts";

export type Resolving = {
  /** All bytes of a small blob; what comes back is checked here. Never more than maxBytes. */
  readonly read: (descriptor: Descriptor, maxBytes: number) => Promise<Uint8Array>;
  readonly platform: Platform;
  readonly limits: ImageLimits;
};

export type ResolvedImage = {
  readonly indexDigest: Digest;
  readonly manifestDigest: Digest;
  readonly configDigest: Digest;
  readonly config: ImageConfig;
  readonly layers: readonly LayerDescriptor[];
};

const maxIndexes = 2;

/** @throws PlimsollError DIGEST_MISMATCH, MALFORMED_INPUT, AMBIGUOUS_INPUT, LIMIT_EXCEEDED, NOT_FOUND */
export async function resolveImage(top: Descriptor, resolving: Resolving): Promise<ResolvedImage> {
  const seen = new Set<Digest>();
  let at = top;
  for (;;) {
    const bytes = await readBlob(at, resolving, resolving.limits.maxManifestBytes, "manifest");
    const document = readManifest(bytes, at.mediaType, resolving.limits.maxManifestBytes);
    if (document.kind === "manifest") {
      const { config, ...image } = await describe(document, resolving);
      const promised = at.platform && { indexPlatform: { ...at.platform, variant: at.platform.variant ?? "" } };
      const digests = { indexDigest: [...seen][0] ?? "", manifestDigest: at.digest };
      return { ...image, ...digests, config: { ...config, ...promised } };
    }
    seen.add(at.digest);
    at = chooseManifest(document.manifests, resolving.platform);
    if (seen.size > maxIndexes || seen.has(at.digest)) throw ambiguousDocument("index", "indexes within indexes");
  }
}

type Described = Pick<ResolvedImage, "configDigest" | "config" | "layers">;

async function describe(manifest: Manifest, resolving: Resolving): Promise<Described> {
  const { limits } = resolving;
  if (manifest.layers.length > limits.maxLayers) throw tooMany(manifest.layers.length, limits.maxLayers);
  const bytes = await readBlob(manifest.config, resolving, limits.maxConfigBytes, "image config");
  const config = readConfig(bytes, limits.maxConfigBytes);
  return { configDigest: manifest.config.digest, config, layers: toLayers(manifest.layers, config) };
}

function toLayers(layers: readonly Descriptor[], config: ImageConfig): readonly LayerDescriptor[] {
  if (layers.length !== config.diffIds.length) {
    throw malformed("manifest", `${layers.length} layers, where the config has ${config.diffIds.length}`);
  }
  const creators = creatorsOf(config);
  return layers.map(({ digest, mediaType, size }, index) => ({
    index,
    digest,
    mediaType,
    size,
    diffId: config.diffIds[index] ?? "",
    createdBy: creators[index] ?? "",
  }));
}

async function readBlob(from: Descriptor, { read }: Resolving, maxBytes: number, what: string): Promise<Uint8Array> {
  if (from.size > maxBytes)
    throw new PlimsollError("LIMIT_EXCEEDED", `${what}: ${from.size} bytes, at most ${maxBytes}`, largeHint);
  const bytes = await read(from, Math.min(from.size, maxBytes));
  if (bytes.length !== from.size)
    throw mismatch(`size of the ${what}`, `${from.size} bytes`, `${bytes.length} or more`);
  checkDigest(bytes, from.digest, what);
  return bytes;
}

const largeHint = { hint: "do not use this image, or raise the limit in the configuration" };

function tooMany(found: number, most: number): PlimsollError {
  return new PlimsollError("LIMIT_EXCEEDED", `manifest: ${found} layers, at most ${most}`, largeHint);
}
