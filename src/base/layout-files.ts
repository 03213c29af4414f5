// The small files of an OCI layout, picked out of an archive while it passes by or lies there: manifests and signatures. A layer is none of
// them, for it begins in another way.
// Source: OCI image-spec v1.1.0, image-layout.md.

import type { Digest } from "../model/image.ts";

/** A signed image has a handful of them; attestations are the largest. */
export const layoutLimits = { maxFiles: 4096, maxFileBytes: 1024 * 1024, maxBytes: 16 * 1024 * 1024 } as const;
const blobPattern = /^blobs\/sha256\/([0-9a-f]{64})$/;

/** @returns undefined for a path that is no blob's */
export function digestOfPath(path: string): Digest | undefined {
  const hex = blobPattern.exec(path)?.[1];
  return hex === undefined ? undefined : `sha256:${hex}`;
}

/** JSON that begins as machines write it, or CBOR with the tag of COSE. */
export function mayBeDocument(start: Uint8Array): boolean {
  return start[0] === 0x7b || start[0] === 0xd2;
}

/** Within the limits, in the order they come. */
export class LayoutCollector {
  readonly files = new Map<string, Uint8Array>();
  missing = "";
  #bytes = 0;

  /** @returns whether there is room for a file of this size; that there was none is told */
  mayTake(size: number): boolean {
    if (size > layoutLimits.maxFileBytes) return false;
    const isFull = this.files.size >= layoutLimits.maxFiles || this.#bytes + size > layoutLimits.maxBytes;
    if (isFull) this.missing = "more small files than are looked at";
    return !isFull;
  }

  take(path: string, bytes: Uint8Array): void {
    this.#bytes += bytes.byteLength;
    this.files.set(path, bytes);
  }
}
