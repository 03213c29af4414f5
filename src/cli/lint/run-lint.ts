// What `plimsoll lint` does.

import { closeSync, openSync, readSync, writeFileSync } from "node:fs";
import { errorText, limitExceeded, PlimsollError } from "../../base/errors.ts";
import { type LintResult, makeLinter } from "../../findings/lint/lint-dockerfile.ts";
import type { Severity } from "../../model/advisory.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { lintSarif } from "./lint-sarif.ts";
import { showLint } from "./show-lint.ts";

export type LintedFile = LintResult & { readonly file: string };

const maxFileBytes = 4 * 1024 * 1024;
const severities: readonly Severity[] = ["unknown", "negligible", "low", "medium", "high", "critical"];
const rank: ReadonlyMap<string, number> = new Map(severities.map((severity, at) => [severity, at]));

export function runLint({ stdout, version }: CommandContext, input: CommandInput): ExitCode {
  const names = input.positionals.length === 0 ? ["Dockerfile"] : input.positionals;
  const lint = makeLinter();
  const files = [...new Set(names)].map((file) => ({ file, ...lint(readText(file), file) }));
  const output = input.text("output");
  const format = input.text("format") ?? "table";
  const report = render(files, format, { version, terminal: output === undefined ? stdout : undefined });
  if (output === undefined) stdout.write(report);
  else writeReport(output, report);
  return failsBy(files, input.text("fail-on") ?? "medium") ? 1 : 0;
}

function render(
  files: readonly LintedFile[],
  format: string,
  { version, terminal }: { readonly version: string; readonly terminal: CommandContext["stdout"] | undefined },
): string {
  if (format === "json") return `${JSON.stringify(files, undefined, 2)}\n`;
  if (format === "sarif") return `${JSON.stringify(lintSarif(files, version), undefined, 2)}\n`;
  return showLint(files, terminal);
}

/** @param least a severity, or a word that is none: then nothing fails */
function failsBy(files: readonly LintedFile[], least: string): boolean {
  const from = rank.get(least) ?? Number.POSITIVE_INFINITY;
  return files.some(({ findings }) => findings.some(({ severity }) => (rank.get(severity) ?? 0) >= from));
}

/** Regular files, pipes and standard input alike, up to a limit. */
function readText(file: string): string {
  try {
    const descriptor = file === "-" ? 0 : openSync(file, "r");
    try {
      return readUpTo(descriptor, file);
    } finally {
      if (descriptor !== 0) closeSync(descriptor);
    }
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw new PlimsollError("NOT_FOUND", `${file}: ${errorText(cause)}`, {
      hint: "name a Dockerfile that can be read",
      cause,
    });
  }
}

function readUpTo(descriptor: number, file: string): string {
  const buffer = Buffer.allocUnsafe(maxFileBytes + 1);
  let filled = 0;
  for (;;) {
    const taken = readSync(descriptor, buffer, filled, buffer.length - filled, null);
    if (taken === 0) return buffer.toString("utf8", 0, filled);
    filled += taken;
    if (filled > maxFileBytes) throw limitExceeded(file, `more than ${maxFileBytes} bytes`);
  }
}

function writeReport(file: string, report: string): void {
  try {
    writeFileSync(file, report);
  } catch (cause) {
    throw new PlimsollError("PERMISSION_NEEDED", `${file}: ${errorText(cause)}`, {
      hint: "name a file that can be written",
      cause,
    });
  }
}
