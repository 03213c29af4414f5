// An SBOM, whichever standard it was written in.

import type { Distribution } from "../../model/package.ts";
import type { SbomComponent } from "./read-package.ts";

export type SbomDocument = {
  /** What it describes, in its own words. */
  readonly name: string;
  /** RFC 3339, or "". */
  readonly created: string;
  readonly distribution: Distribution | undefined;
  readonly components: readonly SbomComponent[];
  /** Packages that no package URL names: nothing can be looked up for them. */
  readonly unnamed: number;
};
