// An image from a registry: the name is asked for once, everything after that by digest.
// Source: OCI distribution-spec v1.1.0.

import { PlimsollError } from "../../base/errors.ts";
import { formatReference, type ImageReference, parseReference, withDefaultTag } from "../../base/reference.ts";
import { toDescription } from "../archive/archive-image.ts";
import type { Descriptor } from "../documents/descriptor.ts";
import { checkDigest, digestOf, isDigest } from "../documents/digest.ts";
import { ambiguousDocument } from "../documents/document.ts";
import { thisPlatform } from "../documents/platform.ts";
import { resolveImage } from "../documents/resolve-image.ts";
import { registryHost } from "../registry/endpoint.ts";
import { type FetchedManifest, RegistryClient } from "../registry/registry-client.ts";
import { refused } from "../registry/send.ts";
import type { ImageSource, OpenedImage, SourceSettings } from "../source.ts";
import { subjectFor } from "../subject.ts";

export const registry: ImageSource = {
  name: "registry",
  summary: "an image in a registry, pulled without an engine",
  needs: { network: true },
  async open(subject, settings) {
    const wanted = subjectFor("registry", subject);
    if (wanted === undefined) return undefined;
    const reference = wanted.isForced ? parseReference(wanted.text) : readName(wanted.text);
    return reference === undefined ? undefined : await openFromRegistry(subject, withDefaultTag(reference), settings);
  },
};

function readName(text: string): ImageReference | undefined {
  try {
    return parseReference(text);
  } catch {
    return undefined; // not the name of an image
  }
}

async function openFromRegistry(
  subject: string,
  reference: ImageReference,
  settings: SourceSettings,
): Promise<OpenedImage> {
  if (reference.digest !== undefined && !isDigest(reference.digest)) throw refused("only sha256 digests are taken");
  const { client, found } = await findManifest(reference, settings);
  const digest = reference.digest ?? digestOf(found.bytes);
  checkDigest(found.bytes, digest, "manifest");
  const top: Descriptor = { mediaType: found.mediaType, digest, size: found.bytes.length };
  const read = async (from: Descriptor, maxBytes: number): Promise<Uint8Array> => {
    if (from.digest === digest) return found.bytes;
    return isManifest(from) ? await manifestBytes(client, from) : await client.blob(from.digest, maxBytes);
  };
  const platform = settings.platform ?? thisPlatform();
  const resolved = await resolveImage(top, { read, platform, limits: settings.limits });
  const entry = { descriptor: top, names: [formatReference(reference)] };
  return {
    description: toDescription(subject, "registry", entry, resolved),
    openLayer: (layer) => Promise.resolve({ kind: "stream", stream: client.stream(layer.digest, layer.size) }),
    close: () => Promise.resolve(),
  };
}

type Found = { readonly client: RegistryClient; readonly found: FetchedManifest };

/** The mirror first; the registry itself when the mirror does not have it or cannot be reached. */
async function findManifest(reference: ImageReference, settings: SourceSettings): Promise<Found> {
  const { domain, path, tag, digest } = reference;
  const mirror = Object.hasOwn(settings.mirrors, domain) ? settings.mirrors[domain] : undefined;
  for (const host of [mirror, registryHost(domain)]) {
    if (host === undefined) continue;
    const isInsecure = settings.insecureRegistries.includes(host);
    const client = new RegistryClient({ endpoint: { host, isInsecure }, path, settings });
    const found = await client.manifest(digest ?? tag ?? "latest").catch((error: unknown) => {
      if (host === mirror && error instanceof PlimsollError && error.code === "REGISTRY_UNREACHABLE") return undefined;
      throw error;
    });
    if (found !== undefined) return { client, found };
  }
  throw new PlimsollError("NOT_FOUND", `registry ${domain}: no image ${formatReference(reference)}`, {
    hint: "check its name and tag, and whether it needs credentials",
  });
}

function isManifest({ mediaType }: Descriptor): boolean {
  return /manifest|index/.test(mediaType);
}

async function manifestBytes(client: RegistryClient, from: Descriptor): Promise<Uint8Array> {
  const found = await client.manifest(from.digest);
  if (found === undefined) throw refused(`an index names a manifest that is not there: ${from.digest}`);
  if (found.mediaType !== from.mediaType) {
    throw ambiguousDocument("manifest", `${found.mediaType}, where the index says ${from.mediaType}`);
  }
  return found.bytes;
}
