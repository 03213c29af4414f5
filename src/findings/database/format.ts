// The advisory database: one file that never changes once it is written.
//
//   plimsoll advisories 1\n
//   {manifest}\n               built when, from which feeds, and the SHA-256 of the index
//   signature public-key\n     Ed25519 over the two lines above, base64
//   index                      zstd: for each block its first key, its size and its SHA-256
//   blocks                     zstd: lines `key TAB value`, in the order of keys
//
// So a reader checks one signature and one hash when it opens the file, and each block when it first reads it.

import type { Decoded, Decoder } from "../../base/schema.ts";
import { array, boolean, exactObject, integer, object, string } from "../../base/schema.ts";

export const magic = "plimsoll advisories 1";

export const limits = {
  maxHeadBytes: 4 * 1024 * 1024,
  maxIndexBytes: 64 * 1024 * 1024,
  /** Uncompressed; one key's values are never split. */
  maxBlockBytes: 64 * 1024 * 1024,
  maxFileBytes: 4 * 1024 * 1024 * 1024,
} as const;

/** Uncompressed bytes after which a block is closed. */
export const blockBytes: number = 16 * 1024;

export const manifestSchema = exactObject({
  /** RFC 3339 */
  builtAt: string,
  feeds: array(object({ name: string, updatedAt: string, advisories: integer, isComplete: boolean })),
  /** `deb:debian:12` and how many advisories there are for it. */
  namespaces: array(object({ name: string, advisories: integer })),
  index: object({ size: integer, sha256: string }),
  blocks: object({ count: integer, size: integer }),
});

export type Manifest = Decoded<typeof manifestSchema>;

/** One block as the index lists it. */
export type BlockEntry = { readonly firstKey: string; readonly size: number; readonly sha256: string };

const triple = array(string);

export const indexSchema: Decoder<readonly BlockEntry[]> = (value, path) =>
  array(triple)(value, path).map(([firstKey = "", size = "", sha256 = ""]) => ({
    firstKey,
    size: Number(size),
    sha256,
  }));

/** `weakness`: what is known of a CVE beside its advisories, its use (objects) and its rating by others (CVSS vectors). */
export type Table = "advisory" | "weakness" | "support";

/** ASCII without blanks, so that all programs sort it alike. */
export function keyOf(table: Table, ...parts: readonly string[]): string {
  return [table, ...parts.map((part) => encodeURIComponent(part.toWellFormed()))].join(" ");
}
