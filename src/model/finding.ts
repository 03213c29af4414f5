// What is wrong with an image. Every finding has an id that ignore rules, VEX and policy can name, and a place.

import type { Exploitation, FixState, Severity } from "./advisory.ts";
import type { Ecosystem } from "./package.ts";

type Found = {
  readonly severity: Severity;
  /** One line, plain text. */
  readonly title: string;
  /** One imperative sentence; "" when there is nothing to do. */
  readonly remedy: string;
  /** Path in the image; "" when the finding is not in a file. */
  readonly path: string;
  /** Index of the layer; -1 when none. */
  readonly layer: number;
};

export type Vulnerability = Found & {
  readonly kind: "vulnerability";
  /** The CVE id where there is one, else the publisher's. */
  readonly id: string;
  /** All other names of the same weakness. */
  readonly aliases: readonly string[];
  readonly ecosystem: Ecosystem;
  readonly package: string;
  readonly version: string;
  /** The advisories that say so. */
  readonly advisories: readonly string[];
  readonly namespace: string;
  readonly fixState: FixState;
  /** Lowest version that has the fix; "" when there is none. */
  readonly fixedVersion: string;
  /** Who rated: name of the feed, `cvss`, or "". */
  readonly severitySource: string;
  /** 0..10; -1 when unknown. */
  readonly cvssScore: number;
  readonly cvssVector: string;
  readonly exploitation: Exploitation;
  readonly url: string;
  readonly published: string;
};

export type Secret = Found & {
  readonly kind: "secret";
  /** Rule: `aws-access-key-id`. */
  readonly id: string;
  /** Masked, never the whole: `AKIA************WXYZ`. */
  readonly masked: string;
  /** SHA-256 of the secret, hex: the same secret in two places is one secret. */
  readonly fingerprint: string;
  /** 1-based; 0 when it is not in a text file. */
  readonly line: number;
  /** `file`, `deleted-file`, `environment`, `label`, `history`, `build-argument`, `command`. */
  readonly place: string;
};

export type Malware = Found & {
  readonly kind: "malware";
  /** Rule, or name of the hash list's entry. */
  readonly id: string;
  /** `yara`, `hash-list`, `clamd`, `structure` (how a program is built). */
  readonly detector: string;
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
  /** The file is in a lower layer and deleted or replaced above: still shipped. */
  readonly isDeleted: boolean;
};

export type Misconfiguration = Found & {
  readonly kind: "misconfiguration";
  /** Rule: `runs-as-root`, `setuid-file`. */
  readonly id: string;
};

/** A layer that known readers read differently: nobody can say what is in it. */
export type AmbiguousLayer = Found & {
  readonly kind: "ambiguous-layer";
  /** Rule of model/layer.ts Ambiguity. */
  readonly id: string;
};

export type Finding = Vulnerability | Secret | Malware | Misconfiguration | AmbiguousLayer;

/** A finding that counts no longer, and who said so. Never dropped: reports show it. */
export type Suppressed = {
  readonly finding: Finding;
  /** `vex` or `ignore-rule`. */
  readonly by: string;
  /** VEX: `not_affected`, `fixed`; ignore rule: `ignored`. */
  readonly status: string;
  readonly reason: string;
  /** File and statement. */
  readonly source: string;
};
