// index.json, the entry of every OCI layout: which images are in it, under which names.
// Source: OCI image-spec v1.1.0, image-layout.md; containerd's annotation io.containerd.image.name.

import { malformed, PlimsollError } from "../../base/errors.ts";
import { object, string } from "../../base/schema.ts";
import type { Platform } from "../../model/image.ts";
import type { Descriptor } from "../documents/descriptor.ts";
import { readDocument } from "../documents/document.ts";
import { readManifest } from "../documents/manifest.ts";
import { chooseManifest } from "../documents/platform.ts";
import { canonicalName, canonicalNames } from "../subject.ts";

export type LayoutEntry = { readonly descriptor: Descriptor; readonly names: readonly string[] };

const layout = object({ imageLayoutVersion: string });
const nameKeys: readonly string[] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

/** @param name picks one of several; "" when there must be only one for the platform */
export function chooseFromLayout(index: Uint8Array, name: string, platform: Platform, maxBytes: number): LayoutEntry {
  const document = readManifest(index, "application/vnd.oci.image.index.v1+json", maxBytes);
  if (document.kind !== "index") throw malformed("index.json", "expected an index");
  const named = document.manifests.filter((one) => (name === "" ? !isBeside(one) : isNamed(one, name)));
  if (named.length === 0) throw notThere(document.manifests, name);
  const [only] = named;
  const isOne = only !== undefined && named.every(({ digest }) => digest === only.digest);
  const descriptor = isOne ? only : chooseManifest(named, platform);
  const same = document.manifests.filter(({ digest }) => digest === descriptor.digest);
  return { descriptor, names: canonicalNames(same.flatMap(namesOf).filter((one) => one.includes("/"))) };
}

/** @throws PlimsollError MALFORMED_INPUT for a layout of another version */
export function checkLayout(bytes: Uint8Array, maxBytes: number): void {
  const { imageLayoutVersion } = readDocument(bytes, { what: "oci-layout", maxBytes, decoder: layout });
  if (imageLayoutVersion !== "1.0.0")
    throw malformed("oci-layout", `expected version 1.0.0, found ${imageLayoutVersion.slice(0, 40)}`);
}

/** `cosign save` lists signatures and attestations beside the image; others write them under the tags sha256-HEX, sha256-HEX.sig. */
function isBeside({ annotations = {}, artifactType }: Descriptor): boolean {
  const kind = annotations["kind"] ?? "";
  const isKept = kind.startsWith("dev.cosignproject.cosign/") && !/\/image(?:Index)?$/.test(kind);
  const isTagged = nameKeys.some((key) => /(?:^|:)sha256-[0-9a-f]{64}(?:\.[a-z]+)?$/.test(annotations[key] ?? ""));
  return isKept || isTagged || artifactType !== undefined;
}

function isNamed(descriptor: Descriptor, name: string): boolean {
  const [wanted] = canonicalName(name);
  const names = namesOf(descriptor);
  return names.includes(name) || names.some((one) => canonicalName(one)[0] === wanted && wanted !== undefined);
}

/** `ref.name` may be a tag alone, `latest`: good to choose by, but no name of an image. */
function namesOf({ annotations }: Descriptor): readonly string[] {
  return nameKeys.flatMap((key) => annotations?.[key] ?? []);
}

function notThere(manifests: readonly Descriptor[], name: string): PlimsollError {
  const names = manifests.flatMap(namesOf).slice(0, 20);
  return new PlimsollError("NOT_FOUND", `index.json: no image ${JSON.stringify(name)}`, {
    hint: names.length > 0 ? `name one of ${names.join(", ")}` : "name the path alone",
  });
}
