// Who has to vouch for which images: the operator's own file, read once and never changed while it is in use.

import type { SignerIdentity } from "../../model/trust.ts";

/** A name that rules use, and the one identity that it stands for. */
export type NamedSigner = {
  readonly name: string;
  readonly identity: SignerIdentity;
};

/** `needed` of `of`, counted on distinct signers. anyOf is 1 of n, allOf is n of n. */
export type Threshold = {
  readonly needed: number;
  /** Names of signers, each once. */
  readonly of: readonly string[];
};

export type Freshness = {
  /** Signatures older than this (by a trusted timestamp) no longer count; 0 means any age. */
  readonly maxAgeDays: number;
  /** The tag must come with a signed record whose counter is not lower than one seen before. */
  readonly needsTagRecord: boolean;
};

export type AttestationDemand = {
  readonly predicateType: string;
  readonly signers: Threshold;
  /** Exact; "" accepts any. SLSA provenance: `runDetails.builder.id`. */
  readonly builderId: string;
  /** Exact; "" accepts any. SLSA provenance: the source repository. */
  readonly source: string;
};

export type TrustMode = "enforce" | "warn" | "off";

export type TrustRule = {
  readonly scope: string;
  readonly mode: TrustMode;
  readonly signers: Threshold;
  /** Names of signature formats that count; empty: all. */
  readonly formats: readonly string[];
  readonly needsTimestamp: boolean;
  readonly needsLog: boolean;
  /** `repository`: the signed bytes name this repository; `any`: they may name another, or none. */
  readonly binds: "repository" | "any";
  readonly freshness: Freshness;
  readonly attestations: readonly AttestationDemand[];
};

export type TrustFile = {
  /** Grows with each change; a lower one than the last seen is refused. */
  readonly counter: number;
  readonly signers: readonly NamedSigner[];
  readonly rules: readonly TrustRule[];
  /** For images that no rule names. */
  readonly otherwise: "deny" | "warn" | "allow";
  /** Images built, loaded, imported or committed here, which nobody signed. */
  readonly local: "deny" | "warn" | "allow";
  /** Folder, or address of a server, of signatures that are kept beside the registry (GPG simple signing); "" for none. */
  readonly lookaside: string;
  readonly revokedDigests: readonly string[];
  /** Names of signers. */
  readonly revokedSigners: readonly string[];
  /** Trust material by kind, PEM or JSON text. */
  readonly material: {
    readonly keys: readonly string[];
    readonly roots: readonly string[];
    readonly timestampRoots: readonly string[];
    readonly sigstoreRoots: readonly string[];
    readonly openPgpKeys: readonly string[];
  };
};
