// What a scan works with; the doors put it together.

import type { AdvisoryDatabase } from "../findings/database/open-database.ts";
import type { IgnoreRule } from "../findings/suppression/ignore-rules.ts";
import type { SourceSettings } from "../image/source.ts";
import type { Decision } from "../model/decision.ts";
import type { Finding, Suppressed } from "../model/finding.ts";
import type { ScanResult } from "../model/scan.ts";
import type { ReadingRoom } from "./read-contents.ts";

export type ScanRoom = ReadingRoom & {
  readonly sources: SourceSettings;
  /** Undefined when there is none: packages are listed, and not judged. */
  readonly database: AdvisoryDatabase | undefined;
  /** Ignore rules and VEX statements: what of the findings still counts. */
  readonly suppress: (findings: readonly Finding[], subject: Subject) => Judged;
  /** Undefined when no policy is asked. */
  readonly judge: ((result: ScanResult) => Decision) | undefined;
  /** `plimsoll 0.1.0` */
  readonly tool: string;
  nowMs(): number;
};

export type Judged = {
  readonly findings: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
  /** Rules that would have counted, were they not expired. */
  readonly expired: readonly IgnoreRule[];
};

/** What a VEX statement may speak of. */
export type Subject = { readonly image: ScanResult["image"]; readonly inventory: ScanResult["inventory"] };
