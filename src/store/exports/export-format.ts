// The shapes in which records leave for other tools: one line of JSON a record.

import { canonicalJson } from "../../base/canonical-json.ts";
import { never } from "../../base/errors.ts";
import type { AuditRecord } from "../../model/audit.ts";
import { toEcs } from "./ecs.ts";
import { toOcsf } from "./ocsf.ts";

/** `jsonl`: our own records, the very bytes that were hashed. */
export const exportFormats = ["jsonl", "ocsf", "ecs"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export function isExportFormat(text: string): text is ExportFormat {
  return exportFormats.some((format) => format === text);
}

/** One line, without its end. */
export function exportLine(record: AuditRecord, format: ExportFormat): string {
  switch (format) {
    case "jsonl":
      return canonicalJson(record);
    case "ocsf":
      return JSON.stringify(toOcsf(record));
    case "ecs":
      return JSON.stringify(toEcs(record));
    default:
      return never(format);
  }
}
