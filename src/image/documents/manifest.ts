// Manifests and indexes: what belongs to an image, and which image is for which platform.
// Source: OCI image-spec v1.1.0, manifest.md and image-index.md; Docker image manifest v2 schema 2.

import { malformed, PlimsollError } from "../../base/errors.ts";
import { array, object, optional, record, string } from "../../base/schema.ts";
import { layerCompression } from "../layer/media-type.ts";
import { type Descriptor, descriptor } from "./descriptor.ts";
import { digest } from "./digest.ts";
import { ambiguousDocument, readDocument, spelledExactly } from "./document.ts";

export type Manifest = {
  readonly kind: "manifest";
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
};
export type Index = { readonly kind: "index"; readonly manifests: readonly Descriptor[] };

export const manifestTypes: readonly string[] = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
export const indexTypes: readonly string[] = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const configTypes: readonly string[] = [
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];
/** Source: moby/moby, plugin/registry.go, `mediaTypePluginConfig`. */
export const pluginConfigTypes: readonly string[] = ["application/vnd.docker.plugin.v1+json"];

/** Everything that either of them has: a document with the fields of both is refused (CVE-2021-41190). */
const fields = {
  mediaType: optional(string),
  config: optional(descriptor),
  layers: optional(array(descriptor)),
  manifests: optional(array(descriptor)),
  annotations: optional(record(string)),
  artifactType: optional(string),
  subject: optional(object({ digest })),
};
const version = object({ schemaVersion: (value: unknown) => value });
const document = spelledExactly(["schemaVersion", "fsLayers", ...Object.keys(fields)], object(fields));

/**
 * @param mediaType from the descriptor or the header that led here; "" where none did
 * @param configs what its config may be: an image's, or an engine plugin's
 * @throws PlimsollError
 */
export function readManifest(
  bytes: Uint8Array,
  mediaType: string,
  maxBytes: number,
  configs: readonly string[] = configTypes,
): Manifest | Index {
  const what = "manifest";
  const { schemaVersion } = readDocument(bytes, { what, maxBytes, decoder: version });
  if (schemaVersion !== 2) {
    throw notRunnable(
      `a manifest of schema ${typeof schemaVersion === "number" ? schemaVersion : typeof schemaVersion}`,
    );
  }
  const found = readDocument(bytes, { what, maxBytes, decoder: document });
  if (found.mediaType !== undefined && mediaType !== "" && found.mediaType !== mediaType) {
    throw ambiguousDocument(what, `it says it is ${found.mediaType}, what led here ${mediaType}`);
  }
  const isImage = found.config !== undefined || found.layers !== undefined;
  if (isImage && found.manifests !== undefined) throw ambiguousDocument(what, "layers and manifests in one document");
  const type = found.mediaType ?? mediaType;
  if (found.manifests !== undefined) {
    if (type !== "" && !indexTypes.includes(type)) throw notRunnable(`an index of the type ${type}`);
    return { kind: "index", manifests: found.manifests };
  }
  if (type !== "" && !manifestTypes.includes(type)) throw notRunnable(`a manifest of the type ${type}`);
  return checkManifest(found.config, found.layers, configs);
}

function checkManifest(
  config: Descriptor | undefined,
  layers: readonly Descriptor[] | undefined,
  configs: readonly string[],
): Manifest {
  if (config === undefined || layers === undefined)
    throw malformed("manifest", "expected config and layers, or manifests");
  if (!configs.includes(config.mediaType)) throw notRunnable(`a config of the type ${config.mediaType}`);
  const odd = layers.find((layer) => layerCompression(layer.mediaType) === undefined);
  if (odd !== undefined) throw notRunnable(`a layer of the type ${odd.mediaType}`);
  return { kind: "manifest", config, layers };
}

function notRunnable(what: string): PlimsollError {
  return new PlimsollError("MALFORMED_INPUT", `manifest: ${what.slice(0, 200)} is no image that an engine runs`, {
    hint: "name a container image: OCI, or Docker schema 2",
  });
}
