// What both envelopes of notation carry, after they were taken apart and before anything of it is believed.
// Source: notaryproject/specifications v1.1, signature-specification.md.

import { PlimsollError } from "../../base/errors.ts";
import { decodeJson, encodeJson } from "../../base/json.ts";
import { decode, integer, object, optional, record, string } from "../../base/schema.ts";
import type { TrustSubject } from "../../model/trust.ts";
import { repositoryKey } from "../dsse.ts";
import { invalid } from "../invalid.ts";

export const format = "notation";
export const payloadType = "application/vnd.cncf.notary.payload.v1+json";
export const scheme = "notary.x509";
export const schemeHeader = "io.cncf.notary.signingScheme";
export const timeHeader = "io.cncf.notary.signingTime";
export const expiryHeader = "io.cncf.notary.expiry";

/** Hash and padding of an algorithm's name. */
export const algorithms = {
  ES256: { hash: "sha256", curve: "prime256v1", cose: -7 },
  ES384: { hash: "sha384", curve: "secp384r1", cose: -35 },
  ES512: { hash: "sha512", curve: "secp521r1", cose: -36 },
  PS256: { hash: "sha256", curve: "", cose: -37 },
  PS384: { hash: "sha384", curve: "", cose: -38 },
  PS512: { hash: "sha512", curve: "", cose: -39 },
} as const;

export type AlgorithmName = keyof typeof algorithms;

export type OpenedEnvelope = {
  readonly payload: Uint8Array;
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  /** Milliseconds; 0 for never. */
  readonly expiresMs: number;
  /** The bytes that were signed, and how. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly algorithm: AlgorithmName;
};

const payloadShape = object({
  targetArtifact: object({ mediaType: string, digest: string, size: integer, annotations: optional(record(string)) }),
});

/** @throws PlimsollError SIGNATURE_INVALID when it speaks of something else */
export function readTarget(bytes: Uint8Array, subject: TrustSubject): { readonly repository: string } {
  const { targetArtifact } = decode(payloadShape, readJson(bytes), { code: "SIGNATURE_INVALID", where: format });
  if (targetArtifact.digest !== subject.digest) {
    throw invalid(format, `the signature is over another digest, ${targetArtifact.digest}`);
  }
  if (targetArtifact.mediaType !== subject.mediaType || targetArtifact.size !== subject.size) {
    throw invalid(format, "type or size of the signed artifact are not those of the image");
  }
  return { repository: targetArtifact.annotations?.[repositoryKey] ?? "" };
}

export function writeTarget({ mediaType, digest, size, repository }: TrustSubject): Uint8Array {
  return encodeJson({ targetArtifact: { mediaType, digest, size, annotations: { [repositoryKey]: repository } } });
}

export function readJson(bytes: Uint8Array) {
  try {
    return decodeJson(bytes, { maxBytes: 256 * 1024 });
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    throw invalid(format, cause.message, cause);
  }
}

/** Critical headers have to be understood, each once, and the scheme has to be among them. */
export function checkCritical(critical: readonly unknown[], present: (header: string) => boolean): void {
  const known: readonly unknown[] = [schemeHeader, expiryHeader];
  if (!critical.includes(schemeHeader)) throw invalid(format, `the header ${schemeHeader} is not marked critical`);
  if (new Set(critical).size !== critical.length) throw invalid(format, "a header is marked critical twice");
  for (const header of critical) {
    if (typeof header !== "string" || !known.includes(header))
      throw invalid(format, `unknown critical header ${String(header)}`);
    if (!present(header)) throw invalid(format, `the critical header ${header} is missing`);
  }
}

export function readAlgorithm(name: unknown): AlgorithmName {
  const found = Object.keys(algorithms).find((candidate) => candidate === name);
  for (const known of ["ES256", "ES384", "ES512", "PS256", "PS384", "PS512"] as const)
    if (found === known) return known;
  throw invalid(format, `the algorithm ${String(name)} is not one of ${Object.keys(algorithms).join(", ")}`);
}
