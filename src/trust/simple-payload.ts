// "This digest is this name": what classic cosign and GPG simple signing put their signatures on, in two spellings.
// Source: containers/image docs/containers-signature.5.md, "JSON data format"; sigstore/cosign specs/SIGNATURE_SPEC.md.

import { PlimsollError } from "../base/errors.ts";
import { decodeJson } from "../base/json.ts";
import { parseReference, repositoryOf } from "../base/reference.ts";
import { decode, exactObject, literal, object, string } from "../base/schema.ts";
import type { Digest } from "../model/image.ts";
import { invalid } from "./invalid.ts";

export type SimplePayload = {
  readonly digest: Digest;
  readonly repository: string;
  /** "" when it names none. */
  readonly tag: string;
};

/** Classic cosign's word for `critical.type`. */
export const cosignPayloadKind = "cosign container image signature";
const maxBytes = 64 * 1024;

/**
 * Unknown members of `critical` change the meaning, so they are a mistake; `optional` says nothing that we use.
 * @param type the one word under `critical.type` @throws PlimsollError SIGNATURE_INVALID
 */
export function readSimplePayload(format: string, type: string, bytes: Uint8Array): SimplePayload {
  const shape = object({
    critical: exactObject({
      identity: exactObject({ "docker-reference": string }),
      image: exactObject({ "docker-manifest-digest": string }),
      type: literal(type),
    }),
  });
  try {
    const value = decodeJson(bytes, { maxBytes });
    const { critical } = decode(shape, value, { code: "SIGNATURE_INVALID", where: "payload" });
    const named = parseReference(critical.identity["docker-reference"]);
    const digest = critical.image["docker-manifest-digest"];
    return { digest, repository: repositoryOf(named), tag: named.tag ?? "" };
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    throw invalid(format, cause.message, cause);
  }
}
