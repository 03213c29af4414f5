// Who vouches for a digest, and what the trust file makes of it.

import type { Digest } from "./image.ts";
import type { JsonValue } from "./json.ts";

/** Who signed, as the cryptography proves it. Two are the same only when every member is equal; of roots one in common. */
export type SignerIdentity =
  /** SHA-256 of the public key (SPKI, DER), lower-case hex. */
  | { readonly kind: "key"; readonly keyId: string }
  /** Subject as RFC 4514 text in the certificate's own order; SHA-256 of the root certificate (DER), hex. */
  | { readonly kind: "certificate"; readonly subject: string; readonly root: string }
  /**
   * OIDC issuer and subject alternative name, and by SHA-256 of their text (hex) the trusted roots that explain the certificate; the trust
   * file believes a signer under one. What an authority says of somebody counts for nobody who is believed under another's root.
   */
  | { readonly kind: "keyless"; readonly issuer: string; readonly subject: string; readonly roots: readonly string[] }
  /** Fingerprint of the primary key, upper-case hex. */
  | { readonly kind: "gpg"; readonly fingerprint: string };

/** What is being judged: a digest in a repository. */
export type TrustSubject = {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes of the manifest or index. */
  readonly size: number;
  /** `docker.io/library/busybox` */
  readonly repository: string;
  /** "" when the image was named by digest. */
  readonly tag: string;
};

/** One signature or attestation that holds: the bytes say this, and this signer said it. Says nothing about whether the signer matters. */
export type VerifiedStatement = {
  /** Name of the signature format. */
  readonly format: string;
  readonly signer: SignerIdentity;
  readonly digest: Digest;
  /** Repository that the signed bytes name; "" when they name none. */
  readonly repository: string;
  /** Tag that the signed bytes name; "" when they name none. */
  readonly tag: string;
  /** "" for a plain signature. */
  readonly predicateType: string;
  readonly predicate: JsonValue;
  /** Milliseconds since 1970 by a trusted timestamp or log; 0 when there is none. */
  readonly signedAtMs: number;
  readonly hasTimestamp: boolean;
  readonly isInLog: boolean;
};

export type RejectedStatement = {
  readonly format: string;
  /** Lower case, one sentence. */
  readonly why: string;
  /** Digest of the artifact it came from; "" when it has none. */
  readonly artifact: Digest;
};

export type TrustVerdict = {
  /** What was judged; for an image without a registry its id, in no repository. */
  readonly subject: TrustSubject;
  /** `cannot-tell`: a registry hid or withheld what would decide. All but `trusted` and `not-required` are denied in enforce. */
  readonly state: "trusted" | "unsigned" | "untrusted" | "revoked" | "stale" | "cannot-tell" | "not-required";
  /** Scope of the trust file's rule; "" for the default. */
  readonly scope: string;
  /** Names (of the trust file) of distinct signers whose signatures hold and count. */
  readonly signers: readonly string[];
  /** One sentence, with who would have had to sign. */
  readonly reason: string;
  readonly remedy: string;
  /** Counter of the tag record that was accepted, to be remembered; 0 when there was none. */
  readonly tagCounter: number;
  readonly statements: readonly VerifiedStatement[];
  readonly rejected: readonly RejectedStatement[];
};
