// One thing that may be wrong with how an image is put together. Data for the reports and the manual, and one question.

import { printable } from "../../base/printable.ts";
import type { Severity } from "../../model/advisory.ts";
import type { Misconfiguration } from "../../model/finding.ts";
import type { ImageConfig } from "../../model/image.ts";
import type { FileEntry } from "../../model/layer.ts";

export type RuleText = {
  readonly id: string;
  readonly severity: Severity;
  /** Says what is the case; what exactly follows after a colon. */
  readonly title: string;
  /** One imperative sentence. */
  readonly remedy: string;
};

/** What exactly was found: shown after the title. A severity of its own where the case is better or worse than usual. */
export type Detail = { readonly what: string; readonly severity?: Severity; readonly path?: string };

/** Asks the config. */
export type ConfigRule = RuleText & { inspect(config: ImageConfig): readonly Detail[] };

/** Asks about one entry of a layer, without its content. */
export type EntryRule = RuleText & { inspect(entry: FileEntry): Detail | undefined };

/** Asks about the text of one file. */
export type TextRule = RuleText & {
  /** Exact path, or the directory that it is in, ending in `/`. */
  readonly paths: readonly string[];
  inspect(text: string): readonly Detail[];
};

export function toMisconfiguration(rule: RuleText, detail: Detail, path: string): Misconfiguration {
  return {
    kind: "misconfiguration",
    id: rule.id,
    severity: detail.severity ?? rule.severity,
    title: detail.what === "" ? rule.title : `${rule.title}: ${printable(detail.what, 200)}`,
    remedy: rule.remedy,
    path,
    layer: -1,
  };
}
