// One way to write down "this signer vouches for this digest": where it hangs beside the image, how it is checked, how it is made.

import type { Plugin } from "../base/plugin.ts";
import type { ArtifactStore } from "../model/artifact-store.ts";
import type { Digest } from "../model/image.ts";
import type { JsonValue } from "../model/json.ts";
import type { RejectedStatement, TrustSubject, VerifiedStatement } from "../model/trust.ts";
import type { Signer } from "./signer.ts";

/** Keys and roots that signatures are checked against. What is not here never verifies. */
export type TrustMaterial = {
  /** PEM, SPKI. */
  readonly keys: readonly string[];
  /** PEM certificates of authorities for x509 signers. */
  readonly roots: readonly string[];
  /** PEM certificates of timestamp authorities. */
  readonly timestampRoots: readonly string[];
  /** Sigstore trusted roots, JSON text. */
  readonly sigstoreRoots: readonly string[];
  /** OpenPGP public keys, armored. */
  readonly openPgpKeys: readonly string[];
};

/** One signature as it was found, not yet believed. */
export type Envelope = {
  readonly format: string;
  /** The manifest it came from. */
  readonly artifact: Digest;
  readonly payload: Uint8Array;
  /** Whatever else the format needs, as text: signature, certificate, chain, bundle. */
  readonly parts: Readonly<Record<string, string>>;
};

export type FoundEnvelopes = {
  readonly envelopes: readonly Envelope[];
  /** What hangs there and can be nobody's signature. */
  readonly rejected: readonly RejectedStatement[];
  /** Why there may be more, one sentence; "" when these are all. */
  readonly missing: string;
};

/** What a signature shall say. */
export type Statement = {
  readonly subject: TrustSubject;
  /** "" for a plain signature. */
  readonly predicateType: string;
  readonly predicate: JsonValue;
};

export interface SignatureFormat extends Plugin {
  /** @param limit most envelopes that are returned; that there are more is said @throws PlimsollError when the store cannot tell */
  find(subject: TrustSubject, store: ArtifactStore, limit: number): Promise<FoundEnvelopes>;
  /**
   * @throws PlimsollError SIGNATURE_INVALID when it does not hold for this subject, signed by something in `material`
   */
  verify(envelope: Envelope, subject: TrustSubject, material: TrustMaterial, nowMs: number): Promise<VerifiedStatement>;
  /** Absent where we only read. @returns the digest of what was pushed */
  write?(statement: Statement, signer: Signer, store: ArtifactStore): Promise<Digest>;
}
