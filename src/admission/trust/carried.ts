// What a registry said of one image and its signatures, written down to be carried to where no registry answers. It is read as the
// registry's own answers are: every byte held against its digest, and who signed what is verified anew, by the trust file there.

import { createHash } from "node:crypto";
import { PlimsollError } from "../../base/errors.ts";
import { decodeJson, encodeJson } from "../../base/json.ts";
import {
  formatReference,
  type ImageReference,
  parseReference,
  repositoryOf,
  withDefaultTag,
} from "../../base/reference.ts";
import { array, type Decoded, decode, exactObject, integer, literal, record, string } from "../../base/schema.ts";
import type { Artifact, ArtifactStore, ReferrerList } from "../../model/artifact-store.ts";
import type { Digest, Platform } from "../../model/image.ts";

/** The file in an archive of images. */
export const carriedFile = "signatures.plimsoll.json";
/** As much as the gate keeps of one document of an upload. */
const maxCarriedBytes = 1024 * 1024;

const descriptor = exactObject({
  ...{ digest: string, mediaType: string, size: integer, artifactType: string },
  annotations: record(string),
});
const imageShape = exactObject({
  /** `registry.example/team/app:1` */
  name: string,
  platform: exactObject({ os: string, architecture: string, variant: string }),
  /** By tag or digest, as they were asked for. */
  manifests: record(exactObject({ mediaType: string, base64: string })),
  referrers: record(array(descriptor)),
  /** By digest, in base64. */
  blobs: record(string),
});
const shape = exactObject({ version: literal("1"), images: array(imageShape) });

export type CarriedImage = Decoded<typeof imageShape>;

/** @throws PlimsollError MALFORMED_INPUT, AMBIGUOUS_INPUT, LIMIT_EXCEEDED */
export function readCarried(bytes: Uint8Array): readonly CarriedImage[] {
  const value = decodeJson(bytes, { maxBytes: maxCarriedBytes });
  return decode(shape, value, { code: "MALFORMED_INPUT", where: carriedFile }).images;
}

/** @throws PlimsollError LIMIT_EXCEEDED: more than anybody would read again */
export function writeCarried(images: readonly CarriedImage[]): Uint8Array {
  const bytes = encodeJson({ version: "1", images: images.map((image) => ({ ...image })) });
  if (bytes.byteLength <= maxCarriedBytes) return bytes;
  throw new PlimsollError("LIMIT_EXCEEDED", `${carriedFile}: more than ${maxCarriedBytes} bytes of signatures`, {
    hint: "carry fewer images at once; large attestations do not travel this way",
  });
}

type Recorder = { readonly store: ArtifactStore; recorded(platform: Platform): CarriedImage };

/** @returns a store that answers as the registry does, and what it was asked and answered */
export function recordArtifacts(reference: ImageReference, registry: ArtifactStore): Recorder {
  const manifests = new Map<string, { readonly mediaType: string; readonly base64: string }>();
  const referrers = new Map<string, ReferrerList["entries"]>();
  const blobs = new Map<string, string>();
  return {
    store: {
      ...readOnly(registry.repository),
      async manifest(name) {
        const found = await registry.manifest(name);
        if (found !== undefined) manifests.set(name, { mediaType: found.mediaType, base64: text64(found.bytes) });
        return found;
      },
      async blob(digest, maxBytes) {
        const bytes = await registry.blob(digest, maxBytes);
        blobs.set(digest, text64(bytes));
        return bytes;
      },
      async referrers(digest, sought) {
        const list = await registry.referrers(digest, sought);
        referrers.set(digest, list.entries);
        return list;
      },
    },
    recorded: (platform) => ({
      ...{ name: formatReference(reference), platform: { ...platform } },
      ...{ manifests: Object.fromEntries(manifests), referrers: Object.fromEntries(referrers) },
      blobs: Object.fromEntries(blobs),
    }),
  };
}

/** One image to be judged by what came along with it. */
export type Carried = {
  readonly reference: ImageReference;
  readonly platform: Platform;
  readonly store: ArtifactStore;
};

/** @throws PlimsollError MALFORMED_INPUT for what is no name */
export function carriedOf(image: CarriedImage): Carried {
  const reference = withDefaultTag(parseReference(image.name));
  return { reference, platform: image.platform, store: replayArtifacts(image) };
}

/** Answers as the registry did; what was not written down is not there. */
function replayArtifacts(image: CarriedImage): ArtifactStore {
  const manifests = new Map(Object.entries(image.manifests));
  const referrers = new Map(Object.entries(image.referrers));
  const blobs = new Map(Object.entries(image.blobs));
  return {
    ...readOnly(repositoryOf(parseReference(image.name))),
    async manifest(name): Promise<Artifact | undefined> {
      const found = manifests.get(name);
      if (found === undefined) return undefined;
      const bytes = bytesOf(found.base64);
      const digest = digestOf(bytes);
      if (name.includes(":") && name !== digest) throw mismatch(name, digest);
      return { digest, mediaType: found.mediaType, bytes };
    },
    async blob(digest, maxBytes) {
      const bytes = bytesOf(blobs.get(digest) ?? "");
      if (bytes.byteLength > maxBytes || digestOf(bytes) !== digest) throw mismatch(digest, digestOf(bytes));
      return bytes;
    },
    referrers: async (digest) => ({ entries: referrers.get(digest) ?? [], missing: "" }),
  };
}

function readOnly(repository: string) {
  const refuse = async (): Promise<never> => {
    throw new TypeError("nothing is written to what is carried");
  };
  return { repository, putBlob: refuse, putManifest: refuse, updateManifest: refuse };
}

const text64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const bytesOf = (text: string): Uint8Array => Buffer.from(text, "base64");

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function mismatch(expected: string, found: string): PlimsollError {
  return new PlimsollError("DIGEST_MISMATCH", `${carriedFile}: expected ${expected.slice(0, 80)}, found ${found}`, {
    hint: "carry the signatures once more",
  });
}
