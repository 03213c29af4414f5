// A descriptor: media type, digest and size of something that lies elsewhere.
// Source: OCI image-spec v1.1.0, descriptor.md.

import { malformed } from "../../base/errors.ts";
import { array, type Decoded, type Decoder, integer, object, optional, record, string } from "../../base/schema.ts";
import { checkDigest, digest } from "./digest.ts";
import { ambiguousDocument, spelledExactly } from "./document.ts";

const size: Decoder<number> = (value, path) => {
  const bytes = integer(value, path);
  if (bytes < 0) throw malformed(path, `expected a size, found ${bytes}`);
  return bytes;
};
const platformFields = {
  os: string,
  architecture: string,
  variant: optional(string),
  "os.version": optional(string),
};
const fields = {
  mediaType: string,
  digest,
  size,
  urls: optional(array(string)),
  annotations: optional(record(string)),
  data: optional(string),
  artifactType: optional(string),
  platform: optional(spelledExactly(Object.keys(platformFields), object(platformFields))),
};
const plain = spelledExactly(Object.keys(fields), object(fields));

export type Descriptor = Decoded<typeof plain>;

/** Content is only ever taken from where the image is: other addresses are refused, embedded data must be what the digest says. */
export const descriptor: Decoder<Descriptor> = (value, path) => {
  const found = plain(value, path);
  if ((found.urls ?? []).length > 0) throw ambiguousDocument(path, "content at another address (urls)");
  if (found.data !== undefined) checkDigest(Buffer.from(found.data, "base64"), found.digest, `${path}.data`);
  return found;
};
