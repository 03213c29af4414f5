// The images of an OCI layout, what else its index lists, and what speaks about each: signatures as cosign save, oras and skopeo keep them
// there. All of it is claims, as a registry's answers are; the bytes are those of their digests.
// Source: OCI image-spec v1.1.0, image-layout.md; sigstore/cosign pkg/oci/layout (annotation `kind`); distribution-spec, "Referrers Tag Schema".

import { PlimsollError } from "../../base/errors.ts";
import { layoutLimits } from "../../base/layout-files.ts";
import { array, integer, object, optional, record, string } from "../../base/schema.ts";
import type { Artifact, ArtifactDescriptor, ArtifactStore, ReferrerList } from "../../model/artifact-store.ts";
import type { Digest, Platform } from "../../model/image.ts";
import { type Descriptor, descriptor } from "../documents/descriptor.ts";
import { digest } from "../documents/digest.ts";
import { readDocument, spelledExactly } from "../documents/document.ts";
import { type Index, type Manifest, manifestTypes, readManifest } from "../documents/manifest.ts";
import { defaultImageLimits } from "../limits.ts";
import { canonicalNames } from "../subject.ts";
import { classicSignatures } from "./classic-signatures.ts";
import type { LayoutContents } from "./layout-contents.ts";

export type LayoutImage = {
  /** An index, or the manifest of one image. */
  readonly digest: Digest;
  /** Canonical; none where the layout does not say how it is called. */
  readonly names: readonly string[];
  /** Those of an index that are in the layout; the one for its own platform, undefined, of a manifest. */
  readonly platforms: readonly (Platform | undefined)[];
  /** One for each platform; an image is what its config says. */
  readonly configs: readonly Digest[];
};

export type ReadLayout = {
  readonly images: readonly LayoutImage[];
  /** Listed as images are, but no engine could run them: signatures and attestations. */
  readonly artifacts: ReadonlySet<Digest>;
  /** Listed, and nobody can say what they are. */
  readonly unknown: readonly Digest[];
  /** @param tag under which the image shall be found */
  store(image: LayoutImage, repository: string, tag: string): ArtifactStore;
};

const { maxManifestBytes } = defaultImageLimits;
const indexType = "application/vnd.oci.image.index.v1+json";
const maxEntries = layoutLimits.maxFiles;
const maxReferrers = 512;

/** @throws PlimsollError for an index.json that is none */
export function readLayout(contents: LayoutContents): ReadLayout {
  const top = readManifest(contents.index, indexType, maxManifestBytes);
  if (top.kind !== "index") throw tooOdd("index.json is no index");
  if (top.manifests.length > maxEntries) throw tooOdd(`more than ${maxEntries} entries in index.json`);
  const images = new Map<Digest, LayoutImage>();
  const artifacts = new Set<Digest>();
  const unknown: Digest[] = [];
  for (const entry of top.manifests) {
    const image = imageOf(entry, contents);
    if (image !== undefined) images.set(entry.digest, withNames(image, images.get(entry.digest)));
    else if (isAttached(entry.digest, contents)) artifacts.add(entry.digest);
    else unknown.push(entry.digest);
  }
  const referrers = referrersIn(contents);
  return {
    ...{ images: [...images.values()], artifacts, unknown },
    store: (image, repository, tag) =>
      layoutStore({ contents, entries: top.manifests, referrers, image, repository, tag }),
  };
}

function withNames(image: LayoutImage, before: LayoutImage | undefined): LayoutImage {
  return before === undefined ? image : { ...image, names: [...new Set([...before.names, ...image.names])] };
}

/** @returns undefined for what is no image, or not wholly there to be read */
function imageOf(entry: Descriptor, contents: LayoutContents): LayoutImage | undefined {
  const found = documentAt(entry, contents);
  if (found === undefined) return undefined;
  const names = namesOf(entry);
  if (found.kind === "manifest") {
    return { digest: entry.digest, names, platforms: [undefined], configs: [found.config.digest] };
  }
  const children = found.manifests.flatMap((child) => {
    const manifest = documentAt(child, contents);
    return manifest?.kind === "manifest" && child.platform !== undefined ? [{ child, manifest }] : [];
  });
  if (children.length === 0) return undefined;
  const platforms = children.flatMap(({ child: { platform } }) =>
    platform === undefined ? [] : [{ ...platform, variant: platform.variant ?? "" }],
  );
  const configs = children.map(({ manifest }) => manifest.config.digest);
  return { digest: entry.digest, names, platforms, configs };
}

function documentAt(
  { digest, mediaType, size }: Descriptor,
  { documents }: LayoutContents,
): Manifest | Index | undefined {
  const bytes = documents.get(digest);
  if (bytes === undefined || bytes.byteLength !== size) return undefined;
  try {
    return readManifest(bytes, mediaType, maxManifestBytes);
  } catch (thrown) {
    if (thrown instanceof PlimsollError) return undefined;
    throw thrown;
  }
}

/** The full name counts alone where there is one, as for engines; a tag alone is no name of an image. */
function namesOf({ annotations = {} }: Descriptor): readonly string[] {
  const full = annotations["io.containerd.image.name"];
  const short = annotations["org.opencontainers.image.ref.name"] ?? "";
  return canonicalNames(full === undefined ? (/[:/]/.test(short) ? [short] : []) : [full]);
}

const attachedFields = {
  mediaType: optional(string),
  config: optional(object({ mediaType: string })),
  layers: optional(array(object({ mediaType: string }))),
  manifests: optional(array(object({ digest }))),
};
const attachedShape = spelledExactly(Object.keys(attachedFields), object(attachedFields));
const layerTypes = /^application\/vnd\.(?:oci\.image\.layer|docker\.image\.rootfs|docker\.container|docker\.plugin)/i;

/** No layer of it is one that could be unpacked. A list of such manifests (a fallback tag) is one, too. */
function isAttached(of: Digest, contents: LayoutContents, isListed = false): boolean {
  const bytes = contents.documents.get(of);
  const found = bytes === undefined ? undefined : readOrNone(bytes, attachedShape);
  if (found === undefined || (found.layers === undefined) === (found.manifests === undefined)) return false;
  const { config, layers = [], manifests = [] } = found;
  if (manifests.length > 0) return !isListed && manifests.every((one) => isAttached(one.digest, contents, true));
  return config !== undefined && layers.length > 0 && layers.every(({ mediaType }) => !layerTypes.test(mediaType));
}

function readOrNone<T>(bytes: Uint8Array, decoder: (value: unknown, path: string) => T): T | undefined {
  try {
    return readDocument(bytes, { what: "manifest", maxBytes: maxManifestBytes, decoder });
  } catch (thrown) {
    if (thrown instanceof PlimsollError) return undefined;
    throw thrown;
  }
}

const referrerShape = object({
  schemaVersion: integer,
  mediaType: optional(string),
  artifactType: optional(string),
  config: descriptor,
  layers: array(descriptor),
  subject: object({ digest }),
  annotations: optional(record(string)),
});

type Referrers = ReadonlyMap<Digest, readonly ArtifactDescriptor[]>;

/** Every manifest in the layout that names a subject, listed or not: cosign 3 lists none of them. */
function referrersIn({ documents }: LayoutContents): Referrers {
  const found = new Map<Digest, ArtifactDescriptor[]>();
  for (const [of, bytes] of documents) {
    // Few files speak of a subject, and most are not worth decoding.
    if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('"subject"')) continue;
    const manifest = readOrNone(bytes, referrerShape);
    if (manifest === undefined) continue;
    const list = found.get(manifest.subject.digest) ?? [];
    found.set(manifest.subject.digest, list);
    list.push({
      ...{ digest: of, mediaType: manifestTypes[0] ?? "", size: bytes.byteLength },
      ...{ artifactType: manifest.artifactType ?? manifest.config.mediaType, annotations: manifest.annotations ?? {} },
    });
  }
  return found;
}

type StoreParts = {
  readonly contents: LayoutContents;
  readonly entries: readonly Descriptor[];
  readonly referrers: Referrers;
  readonly image: LayoutImage;
  readonly repository: string;
  readonly tag: string;
};

/** Answers as the registry of this one image would. */
function layoutStore({ contents, entries, referrers, image, repository, tag }: StoreParts): ArtifactStore {
  const refuse = async (): Promise<never> => {
    throw new TypeError("nothing is written to a layout");
  };
  const byDigest = (of: Digest): Artifact | undefined => {
    const bytes = contents.documents.get(of);
    return bytes === undefined ? undefined : { digest: of, mediaType: typeOf(of, bytes, entries), bytes };
  };
  return {
    ...{ repository, putBlob: refuse, putManifest: refuse, updateManifest: refuse },
    async manifest(name) {
      if (name.startsWith("sha256:")) return byDigest(name);
      if (name === tag) return byDigest(image.digest);
      return classicSignatures(name, entries, contents);
    },
    async blob(of, maxBytes) {
      const bytes = contents.documents.get(of);
      if (bytes !== undefined && bytes.byteLength <= maxBytes) return bytes;
      throw new PlimsollError("MALFORMED_INPUT", `${of}: expected it in the layout, in at most ${maxBytes} bytes`, {
        hint: "save the image again, with its signatures",
      });
    },
    referrers: async (of, sought) => listOf(referrers.get(of) ?? [], sought, contents.missing),
  };
}

/** Where there are more than anybody reads, what is sought comes first. */
function listOf(all: readonly ArtifactDescriptor[], sought: readonly string[], missing: string): ReferrerList {
  if (all.length <= maxReferrers) return { entries: all, missing };
  const isSought = ({ artifactType }: ArtifactDescriptor): boolean => sought.includes(artifactType);
  const entries = [...all.filter(isSought), ...all.filter((one) => !isSought(one))].slice(0, maxReferrers);
  return { entries, missing: `more than ${maxReferrers} referrers: the rest was not looked at` };
}

const typed = object({ mediaType: optional(string), manifests: optional((value: unknown) => value) });

/** What the document says of itself, else what the index says of it. */
function typeOf(of: Digest, bytes: Uint8Array, entries: readonly Descriptor[]): string {
  const said = readOrNone(bytes, typed);
  const listed = entries.find((entry) => entry.digest === of)?.mediaType;
  return said?.mediaType ?? listed ?? (said?.manifests === undefined ? (manifestTypes[0] ?? "") : indexType);
}

function tooOdd(what: string): PlimsollError {
  return new PlimsollError("MALFORMED_INPUT", `layout: ${what}`, { hint: "save the image again" });
}
