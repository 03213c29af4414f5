// Media types of layers. Source: OCI image-spec v1.1.0, media-types.md; Docker image manifest v2 schema 2.

import type { Compression } from "../../base/compression.ts";

const compressions: Readonly<Record<string, Compression>> = {
  "application/vnd.oci.image.layer.v1.tar": "none",
  "application/vnd.oci.image.layer.v1.tar+gzip": "gzip",
  "application/vnd.oci.image.layer.v1.tar+zstd": "zstd",
  "application/vnd.docker.image.rootfs.diff.tar": "none",
  "application/vnd.docker.image.rootfs.diff.tar.gzip": "gzip",
  "application/vnd.docker.image.rootfs.diff.tar.zstd": "zstd",
};

/** @returns undefined for what is no layer that an engine would unpack here */
export function layerCompression(mediaType: string): Compression | undefined {
  return Object.hasOwn(compressions, mediaType) ? compressions[mediaType] : undefined;
}

/** The OCI name of a tar that is compressed in this way. */
export function layerMediaType(compression: "none" | "gzip" | "zstd"): string {
  return `application/vnd.oci.image.layer.v1.tar${compression === "none" ? "" : `+${compression}`}`;
}
