// OCI layouts with signatures in them, as cosign, oras and Docker write them, or as an attacker would.

import type { Statement } from "../../src/trust/signature-format.ts";
import { cosign } from "../../src/trust/signature-formats/cosign.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";
import { type Pair, signerOf } from "../judges/scene.ts";
import { type MemoryStore, memoryStore } from "../trust/memory-store.ts";
import { archive, file, member } from "./hostile-tar.ts";
import { type Blob, describe, indexOf, type MadeImage, makeBlob, types } from "./oci-image.ts";

export type Signing = {
  readonly repository: string;
  readonly by: Pair;
  readonly format?: "cosign" | "sigstore-bundle";
  readonly more?: Partial<Statement>;
  /** Signed in the place of the image's own manifest. */
  readonly of?: Blob;
  readonly type?: string;
};

/** What lies beside the image: manifests and blobs by digest, classic signatures under their tag. */
export async function signaturesOf({ manifest }: MadeImage, signing: Signing): Promise<MemoryStore> {
  const { repository, by, format = "sigstore-bundle", more = {}, of = manifest, type = types.manifest } = signing;
  const store = memoryStore(repository);
  const subject = { digest: of.digest, mediaType: type, size: of.bytes.length, repository, tag: "" };
  const writer = format === "cosign" ? cosign : sigstoreBundle;
  await writer.write?.({ subject, predicateType: "", predicate: null, ...more }, signerOf(by), store);
  return store;
}

export const blobsOf = ({ manifests, blobs }: MemoryStore): readonly Blob[] => [
  ...[...blobs].map(([digest, bytes]) => ({ digest, bytes: Buffer.from(bytes) })),
  ...[...manifests.values()].map(({ digest, bytes }) => ({ digest, bytes: Buffer.from(bytes) })),
];

/** As `cosign save` lists them. */
export const listedSignatures = (store: MemoryStore): readonly object[] =>
  [...store.manifests].flatMap(([name, { bytes }]) =>
    name.endsWith(".sig") ? [kept(makeBlob(Buffer.from(bytes)), "sigs")] : [],
  );

export const kept = (blob: Blob, kind: string, type: string = types.manifest): object =>
  describe(blob, type, { annotations: { kind: `dev.cosignproject.cosign/${kind}` } });

export const named = (blob: Blob, name: string, type: string = types.manifest): object =>
  describe(blob, type, { annotations: { "io.containerd.image.name": name } });

export type LayoutParts = {
  readonly entries: readonly object[];
  readonly blobs: readonly Blob[];
  /** `manifest.json`, for engines that read no layouts. */
  readonly saved?: readonly object[];
  readonly extra?: readonly Buffer[];
};

export function layoutArchive({ entries, blobs, saved, extra = [] }: LayoutParts): Buffer {
  const files = new Map(blobs.map(({ digest, bytes }) => [`blobs/${digest.replace(":", "/")}`, bytes]));
  return archive(
    file("oci-layout", '{"imageLayoutVersion":"1.0.0"}'),
    ...[...files].map(([name, data]) => member({ name, data })),
    file("index.json", JSON.stringify(indexOf(...entries))),
    ...(saved === undefined ? [] : [file("manifest.json", JSON.stringify(saved))]),
    ...extra,
  );
}

/** The entry of `manifest.json`, whose paths are those of the layout. */
export function savedEntry({ config, layers }: MadeImage, ...names: readonly string[]): object {
  const path = (digest: string): string => `blobs/${digest.replace(":", "/")}`;
  return { Config: path(config.digest), RepoTags: names, Layers: layers.map(({ digest }) => path(digest)) };
}
