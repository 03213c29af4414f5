// A fix in an rpm, as distributions announce it -> the normal form.

import type { Advisory, Severity } from "../../model/advisory.ts";
import { oneLine } from "./one-line.ts";

export type RpmFix = Pick<Advisory, "id" | "feed" | "namespace" | "package" | "module" | "summary" | "url"> & {
  readonly alias: string;
  /** `epoch:version-release` */
  readonly fixed: string;
  /** The publisher's word. */
  readonly severity: string;
  /** `2024-01-09`, or with a time. */
  readonly published: string;
};

const words: Readonly<Record<string, Severity>> = {
  low: "low",
  medium: "medium",
  moderate: "medium",
  important: "high",
  critical: "critical",
};

export function fixOf({ alias, fixed, severity, published, summary, ...known }: RpmFix): Advisory {
  const word = severity.toLowerCase();
  const date = new Date(published.replace(" ", "T"));
  return {
    ...known,
    aliases: [alias],
    ranges: [{ introduced: "", fixed, lastAffected: "" }],
    versions: [],
    fixState: "fixed",
    severity: Object.hasOwn(words, word) ? (words[word] ?? "unknown") : "unknown",
    cvss: [],
    summary: oneLine(summary),
    published: Number.isNaN(date.getTime()) ? "" : date.toISOString(),
    imports: [],
    isUnimportant: false,
  };
}
