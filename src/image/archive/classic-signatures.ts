// Classic cosign signatures in an OCI layout: `cosign save` lists them as its signatures without saying whose, other programs under the
// tag sha256-HEX.sig. Which digest each is of stands in what was signed, and is checked there.
// Source: sigstore/cosign pkg/oci/layout/write.go, specs/SIGNATURE_SPEC.md.

import { PlimsollError } from "../../base/errors.ts";
import { array, integer, object, optional, record, string } from "../../base/schema.ts";
import type { Artifact } from "../../model/artifact-store.ts";
import type { Descriptor } from "../documents/descriptor.ts";
import { digest, digestOf } from "../documents/digest.ts";
import { readDocument } from "../documents/document.ts";
import { manifestTypes } from "../documents/manifest.ts";
import { defaultImageLimits } from "../limits.ts";
import type { LayoutContents } from "./layout-contents.ts";

const signaturesKind = "dev.cosignproject.cosign/sigs";
/** More would only be there to make us read. */
const maxLists = 64;
const maxSignatures = 512;
const { maxManifestBytes } = defaultImageLimits;

const layerShape = object({ mediaType: string, digest, size: integer, annotations: optional(record(string)) });
const listShape = object({ config: object({ mediaType: string, digest, size: integer }), layers: array(layerShape) });

/**
 * All of them in one manifest, as the registry has them under this tag.
 * @param tag `sha256-HEX.sig` @returns undefined where there are none
 */
export function classicSignatures(
  tag: string,
  entries: readonly Descriptor[],
  { documents }: LayoutContents,
): Artifact | undefined {
  const hex = /^sha256-([0-9a-f]{64})\.sig$/.exec(tag)?.[1];
  if (hex === undefined) return undefined;
  const listed = entries.filter((entry) => isOf(entry, tag)).slice(0, maxLists);
  const lists = listed.flatMap((entry) => readList(documents.get(entry.digest)));
  const [first] = lists;
  if (first === undefined) return undefined;
  const all = lists.flatMap(({ layers }) => layers);
  const about = all.filter((layer) => Buffer.from(documents.get(layer.digest) ?? []).includes(`sha256:${hex}`));
  // Those of other images are told only where there is nothing else to tell.
  const layers = (about.length > 0 ? about : all).slice(0, maxSignatures);
  const mediaType = manifestTypes[0] ?? "";
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: first.config, layers }));
  return { digest: digestOf(bytes), mediaType, bytes };
}

function isOf({ annotations = {} }: Descriptor, tag: string): boolean {
  const name = annotations["io.containerd.image.name"] ?? annotations["org.opencontainers.image.ref.name"] ?? "";
  return annotations["kind"] === signaturesKind || name === tag || name.endsWith(`:${tag}`);
}

/** A list that cannot be read speaks for nobody, and takes nothing from the others. */
function readList(bytes: Uint8Array | undefined) {
  if (bytes === undefined) return [];
  try {
    return [readDocument(bytes, { what: "signatures", maxBytes: maxManifestBytes, decoder: listShape })];
  } catch (thrown) {
    if (thrown instanceof PlimsollError) return [];
    throw thrown;
  }
}
