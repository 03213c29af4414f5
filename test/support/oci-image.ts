// Images made on the spot in every form in which they are kept: blobs, OCI layouts, archives of docker save, old and new.

import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { defaultImageLimits } from "../../src/image/limits.ts";
import type { SourceSettings } from "../../src/image/source.ts";
import { archive, file, folder, member, symlink } from "./hostile-tar.ts";

export type Blob = { readonly digest: string; readonly bytes: Buffer };
export type MadeImage = {
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly (Blob & { readonly tar: Buffer; readonly mediaType: string })[];
  readonly blobs: readonly Blob[];
};

export type ImageParts = {
  readonly tars?: readonly Buffer[];
  readonly compression?: "none" | "gzip" | "zstd";
  /** Merged over the config. */
  readonly config?: object;
  /** Merged over the manifest. */
  readonly manifest?: object;
};

export const types = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

/** Two small layers: a file that the second deletes, and a link. */
export const plainTars: readonly Buffer[] = [
  archive(folder("etc"), file("etc/os-release", "ID=test\n"), file("etc/gone", "deleted above")),
  archive(folder("etc"), file("etc/.wh.gone", ""), file("etc/new", "new"), symlink("lib", "usr/lib")),
];

export function makeBlob(content: string | Buffer | object): Blob {
  const bytes = Buffer.isBuffer(content)
    ? content
    : Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  return { bytes, digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}` };
}

export function describe(blob: Blob, mediaType: string, more: object = {}): object {
  return { mediaType, digest: blob.digest, size: blob.bytes.length, ...more };
}

export function makeOciImage(parts: ImageParts = {}): MadeImage {
  const layers = (parts.tars ?? plainTars).map((tar) => toLayer(tar, parts.compression ?? "gzip"));
  const config = makeBlob({
    os: "linux",
    architecture: "amd64",
    config: { Env: ["PATH=/bin"], Cmd: ["/bin/sh"] },
    rootfs: { type: "layers", diff_ids: layers.map(({ tar }) => makeBlob(tar).digest) },
    history: layers.map((_, index) => ({ created_by: `RUN step ${index}` })),
    ...parts.config,
  });
  const manifest = makeBlob({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: describe(config, types.config),
    layers: layers.map((layer) => describe(layer, layer.mediaType)),
    ...parts.manifest,
  });
  return { manifest, config, layers, blobs: [manifest, config, ...layers] };
}

function toLayer(tar: Buffer, compression: "none" | "gzip" | "zstd"): MadeImage["layers"][number] {
  if (compression === "none") return { ...makeBlob(tar), tar, mediaType: types.layer };
  const bytes = compression === "gzip" ? gzipSync(tar) : zstdCompressSync(tar);
  return { ...makeBlob(bytes), tar, mediaType: `${types.layer}+${compression}` };
}

export function indexOf(...manifests: readonly object[]): object {
  return { schemaVersion: 2, mediaType: types.index, manifests };
}

/** The members of an OCI layout, as files with their paths. */
export function layoutFiles(
  image: MadeImage,
  index?: object,
): readonly { readonly path: string; readonly bytes: Buffer }[] {
  const name = { annotations: { "org.opencontainers.image.ref.name": "registry.example/team/app:1" } };
  const top = index ?? indexOf(describe(image.manifest, types.manifest, name));
  return [
    { path: "oci-layout", bytes: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
    { path: "index.json", bytes: Buffer.from(JSON.stringify(top)) },
    ...image.blobs.map(({ digest, bytes }) => ({ path: `blobs/${digest.replace(":", "/")}`, bytes })),
  ];
}

export function ociArchive(image: MadeImage, index?: object): Buffer {
  return archive(...layoutFiles(image, index).map(({ path, bytes }) => member({ name: path, data: bytes })));
}

/** As engines before 25 save: folders with layer.tar, manifest.json. */
export function savedArchive(image: MadeImage, manifest: object = {}): Buffer {
  const layers = image.layers.map((_, index) => `${"abcdef"[index] ?? "0"}`.repeat(64));
  const name = `${image.config.digest.slice(7)}.json`;
  const saved = [
    { Config: name, RepoTags: ["team/app:1"], Layers: layers.map((id) => `${id}/layer.tar`), ...manifest },
  ];
  return archive(
    ...image.layers.map(({ tar }, index) => member({ name: `${layers[index]}/layer.tar`, data: tar })),
    member({ name, data: image.config.bytes }),
    member({ name: "manifest.json", data: JSON.stringify(saved) }),
  );
}

/** As engines from 25 on and containerd save: a layout, and manifest.json besides. */
export function newSavedArchive(image: MadeImage, manifest: object = {}, index?: object): Buffer {
  const path = (digest: string): string => `blobs/${digest.replace(":", "/")}`;
  const saved = [
    {
      Config: path(image.config.digest),
      RepoTags: ["team/app:1"],
      Layers: image.layers.map(({ digest }) => path(digest)),
      ...manifest,
    },
  ];
  const files = [...layoutFiles(image, index), { path: "manifest.json", bytes: Buffer.from(JSON.stringify(saved)) }];
  return archive(...files.map(({ path: name, bytes }) => member({ name, data: bytes })));
}

export async function writeLayout(folderPath: string, image: MadeImage, index?: object): Promise<void> {
  await mkdir(join(folderPath, "blobs/sha256"), { recursive: true });
  for (const { path, bytes } of layoutFiles(image, index)) await writeFile(join(folderPath, path), bytes);
}

type Context = { readonly after: (work: () => Promise<void>) => void };

/** A folder that is gone after the test. */
export async function scratch(t: Context): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "plimsoll-test-image-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

export function settingsFor(folderPath: string, more: Partial<SourceSettings> = {}): SourceSettings {
  return {
    platform: { os: "linux", architecture: "amd64", variant: "" },
    limits: { ...defaultImageLimits, idleTimeoutMs: 2000, timeoutMs: 20_000 },
    engineSocket: "",
    insecureRegistries: [],
    mirrors: {},
    credentials: () => Promise.resolve(undefined),
    temporaryFolder: folderPath,
    signal: new AbortController().signal,
    ...more,
  };
}
