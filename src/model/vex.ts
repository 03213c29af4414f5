// What somebody who knows a product says about a weakness in it. Source: OpenVEX 0.2.0; CSAF 2.0, profile VEX; CycloneDX 1.6.

export type VexStatus = "not_affected" | "affected" | "fixed" | "under_investigation";

export type VexProduct = {
  /** Package URL of a package or an image; "" when it is known by digests alone. */
  readonly purl: string;
  /** `sha256:...` of an image's manifest, index or config. */
  readonly digests: readonly string[];
  /** Package URLs of the parts that it speaks of; empty: the product itself and all in it. */
  readonly subcomponents: readonly string[];
};

export type VexStatement = {
  /** All names of the weakness. */
  readonly vulnerabilities: readonly string[];
  readonly products: readonly VexProduct[];
  readonly status: VexStatus;
  /** The format's word, `vulnerable_code_not_present`; "" when there is none. */
  readonly justification: string;
  /** Free text. */
  readonly impact: string;
  /** RFC 3339; "" when unknown: older than every known time. */
  readonly timestamp: string;
  /** `file.json, statement 3` */
  readonly source: string;
};
