// What the gate and the process that scans for it say to each other. Plain JSON: a hostile image can at worst end that process.

import type { ErrorCode } from "../../base/errors.ts";
import type { AdmissionFacts } from "../../model/facts.ts";

export type ScannerSettings = {
  /** `plimsoll 0.1.0` */
  readonly tool: string;
  readonly engineSocket: string;
  /** Go with every question to the engine. */
  readonly engineHeaders: Readonly<Record<string, string>>;
  /** What was learnt before. */
  readonly cacheFolder: string;
  readonly databaseFile: string;
  readonly ruleFiles: readonly string[];
  readonly ignoreFiles: readonly string[];
  readonly vexFiles: readonly string[];
  /** "" for none. */
  readonly clamdSocket: string;
};

export type ToScanner =
  | { readonly kind: "settings"; readonly settings: ScannerSettings }
  | { readonly kind: "scan"; readonly imageId: string }
  /** Before everything that waits: somebody wants to run it. */
  | { readonly kind: "hurry"; readonly imageId: string };

export type FromScanner =
  | { readonly kind: "scanned"; readonly imageId: string; readonly image: ScannedImage }
  | {
      readonly kind: "failed";
      readonly imageId: string;
      readonly code: ErrorCode | "";
      /** One sentence. */
      readonly what: string;
    };

export type ScannedImage = {
  /** Names of listener and image, and ages, are filled in when they are asked for. */
  readonly facts: AdmissionFacts;
  /** RFC 3339, or "": what the ages are counted from. */
  readonly created: string;
  readonly dataBuiltAt: string;
  /** SHA-256 of the advisory database, hex; "" for none. */
  readonly dataDigest: string;
};
