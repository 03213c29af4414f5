// Findings in Dockerfiles as SARIF, which code hosts show beside the lines.
// Source: OASIS SARIF 2.1.0.

import { ignoreRules } from "../../findings/lint/ignore-comments.ts";
import type { LintFinding } from "../../findings/lint/lint-dockerfile.ts";
import { lintRules } from "../../findings/lint/rules.ts";
import type { Severity } from "../../model/advisory.ts";
import type { LintedFile } from "./run-lint.ts";

export function lintSarif(files: readonly LintedFile[], version: string): object {
  const rules = [...lintRules, ...ignoreRules];
  const index = new Map(rules.map(({ id }, at) => [id, at]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "plimsoll lint",
            version,
            rules: rules.map(({ id, severity, title, hint }) => ({
              id,
              shortDescription: { text: title },
              help: { text: hint },
              defaultConfiguration: { level: levelOf(severity) },
              properties: { tags: ["security"], "security-severity": scoreOf(severity) },
            })),
          },
        },
        columnKind: "utf16CodeUnits",
        results: files.flatMap(({ file, findings, ignored }) => [
          ...findings.map((finding) => resultOf(file, finding, index)),
          ...ignored.map((finding) => ({
            ...resultOf(file, finding, index),
            suppressions: [{ kind: "inSource", justification: finding.reason }],
          })),
        ]),
      },
    ],
  };
}

function resultOf(
  file: string,
  { rule, severity, message, line, column }: LintFinding,
  index: ReadonlyMap<string, number>,
): object {
  return {
    ruleId: rule,
    ruleIndex: index.get(rule) ?? -1,
    level: levelOf(severity),
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file === "-" ? "Dockerfile" : encodeURI(file.replaceAll("\\", "/")) },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  };
}

function levelOf(severity: Severity): "error" | "warning" | "note" {
  if (severity === "critical" || severity === "high") return "error";
  return severity === "medium" ? "warning" : "note";
}

/** The middle of CVSS's range, which code hosts sort by. */
function scoreOf(severity: Severity): string {
  return { critical: "9.5", high: "8.0", medium: "5.5", low: "2.0", negligible: "0.5", unknown: "0.0" }[severity];
}
