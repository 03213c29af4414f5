// Findings in Dockerfiles for people: one line each, what to do below, counts at the end.

import { printable } from "../../base/printable.ts";
import type { LintFinding } from "../../findings/lint/lint-dockerfile.ts";
import type { Severity } from "../../model/advisory.ts";
import type { Style, Terminal } from "../terminal.ts";
import type { LintedFile } from "./run-lint.ts";

const styles: Readonly<Record<Severity, Style>> = {
  critical: "red",
  high: "red",
  medium: "yellow",
  low: "cyan",
  negligible: "gray",
  unknown: "gray",
};

/** @param terminal undefined: plain text */
export function showLint(files: readonly LintedFile[], terminal: Terminal | undefined): string {
  const style = (kind: Style, text: string): string => (terminal === undefined ? text : terminal.style(kind, text));
  const lines = files.flatMap(({ file, findings }) => findings.flatMap((finding) => showFinding(file, finding, style)));
  return `${[...lines, ...summaries(files)].join("\n")}\n`;
}

function showFinding(
  file: string,
  { line, column, severity, rule, message, hint }: LintFinding,
  style: (kind: Style, text: string) => string,
): readonly string[] {
  const place = `${printable(file)}:${line}:${column}`;
  return [`${place}: ${style(styles[severity], severity)}: ${message} ${style("gray", `[${rule}]`)}`, `    ${hint}`];
}

function summaries(files: readonly LintedFile[]): readonly string[] {
  return files.map(({ file, findings, ignored }) => {
    const counts = new Map<string, number>();
    for (const { severity } of findings) counts.set(severity, (counts.get(severity) ?? 0) + 1);
    const parts = (["critical", "high", "medium", "low", "negligible"] as const)
      .filter((severity) => counts.has(severity))
      .map((severity) => `${counts.get(severity)} ${severity}`);
    const left = ignored.length === 0 ? "" : `, ${ignored.length} ignored`;
    return `${printable(file)}: ${parts.length === 0 ? "nothing found" : parts.join(", ")}${left}`;
  });
}
