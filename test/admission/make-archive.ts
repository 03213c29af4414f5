// Images as files, made on the spot: what `docker save` writes, layer by layer.

import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { type TarFile, tar } from "../support/tar.ts";

export type ArchiveImage = {
  readonly layers: readonly (readonly TarFile[])[];
  readonly user?: string;
  readonly env?: readonly string[];
  readonly history?: readonly string[];
  readonly created?: string;
  readonly isCompressed?: boolean;
};

/** @returns the image id */
export function makeArchive(file: string, image: ArchiveImage): string {
  const layers = image.layers.map((files) => tar(files));
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      created: image.created ?? "2026-11-01T00:00:00Z",
      config: { User: image.user ?? "1000", Env: image.env ?? ["PATH=/bin"], Cmd: ["true"] },
      rootfs: { type: "layers", diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
      history: layers.map((_, at) => ({ created_by: image.history?.[at] ?? `COPY layer${at} /` })),
    }),
  );
  const stored = layers.map((layer) => (image.isCompressed === true ? gzipSync(layer) : layer));
  const names = stored.map((layer) => `blobs/sha256/${sha256(layer)}`);
  const manifest = [{ Config: `blobs/sha256/${sha256(config)}`, RepoTags: ["made:1"], Layers: names }];
  const files: readonly TarFile[] = [
    { name: "manifest.json", data: JSON.stringify(manifest), mode: "0644" },
    { name: `blobs/sha256/${sha256(config)}`, data: config, mode: "0644" },
    ...[...new Set(names)].map((name) => ({ name, data: stored[names.indexOf(name)] ?? "", mode: "0644" })),
  ];
  writeFileSync(file, tar(files));
  return `sha256:${sha256(config)}`;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export const osRelease: TarFile = {
  name: "etc/os-release",
  data: 'ID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME="Alpine Linux v3.19"\n',
  mode: "0644",
};

/** An apk database with these packages. */
export function apkDatabase(...packages: readonly (readonly [string, string])[]): TarFile {
  const records = packages.map(([name, version]) => `P:${name}\nV:${version}\nA:x86_64\no:${name}\nL:MIT\n`);
  return { name: "lib/apk/db/installed", data: `${records.join("\n")}\n`, mode: "0644" };
}
