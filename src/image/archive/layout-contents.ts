// What an OCI layout says besides its layers: index.json, and the small files among its blobs, each held against the digest that is
// its name.
// Source: OCI image-spec v1.1.0, image-layout.md.

import { digestOfPath } from "../../base/layout-files.ts";
import type { Digest } from "../../model/image.ts";
import { digestOf } from "../documents/digest.ts";

export type LayoutContents = {
  readonly index: Uint8Array;
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
  /** Why there may be more, one sentence; "" when these are all. */
  readonly missing: string;
};

/** What is not what its name says is not there. */
export function layoutContents(
  index: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
  missing: string,
): LayoutContents {
  const documents = new Map<Digest, Uint8Array>();
  let why = missing;
  for (const [path, bytes] of files) {
    const digest = digestOfPath(path);
    if (digest === undefined) continue;
    if (digestOf(bytes) === digest) documents.set(digest, bytes);
    else why ||= `${path} is not what its name says`;
  }
  return { index, documents, missing: why };
}
