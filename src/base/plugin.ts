// What every plugin of every kind has. The kind's own verbs stand in the singular file beside its plural folder.

import type { Needs } from "./needs.ts";

export interface Plugin {
  /** Equals the file name. */
  readonly name: string;
  /** One line for lists and the manual. */
  readonly summary: string;
  readonly needs: Needs;
}
