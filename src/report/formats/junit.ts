// JUnit XML: findings as failed tests, for build servers that show nothing else. What was looked for and not found is a passed test.
// Source: github.com/testmoapp/junitxml (the dialect that build servers read); XML 1.0, section 2.2 (characters).

import type { Finding } from "../../model/finding.ts";
import type { ScanResult } from "../../model/scan.ts";
import type { Format } from "../format.ts";
import { escapeMarkup } from "../markup.ts";
import { nameOf } from "../subject.ts";
import { byUrgency } from "../urgency.ts";

export const junit: Format = {
  name: "junit",
  summary: "JUnit XML, for build servers",
  needs: {},
  extension: ".xml",
  *render(result) {
    const suites = kinds.map(({ kind, title }) => ({
      title,
      failed: result.findings.filter((finding) => finding.kind === kind).toSorted(byUrgency),
      skipped: result.suppressed.filter(({ finding }) => finding.kind === kind),
    }));
    const failures = result.findings.length;
    const total = suites.reduce((sum, { failed, skipped }) => sum + Math.max(1, failed.length + skipped.length), 0);
    yield `<?xml version="1.0" encoding="UTF-8"?>\n`;
    yield `<testsuites name="${escapeMarkup(nameOf(result))}" tests="${total}" failures="${failures}" errors="0" time="${seconds(result)}">\n`;
    for (const { title, failed, skipped } of suites) {
      const tests = Math.max(1, failed.length + skipped.length);
      yield `  <testsuite name="${title}" tests="${tests}" failures="${failed.length}" errors="0" skipped="${skipped.length}" timestamp="${escapeMarkup(result.scannedAt)}">\n`;
      if (failed.length + skipped.length === 0) yield `    <testcase classname="${title}" name="none found"/>\n`;
      for (const finding of failed) yield* failedCase(finding, title);
      for (const { finding, status, reason } of skipped) {
        yield `    <testcase ${attributes(finding, title)}><skipped message="${escapeMarkup(`${status}: ${reason}`)}"/></testcase>\n`;
      }
      yield "  </testsuite>\n";
    }
    yield "</testsuites>\n";
  },
};

const kinds: readonly { readonly kind: Finding["kind"]; readonly title: string }[] = [
  { kind: "malware", title: "malware" },
  { kind: "ambiguous-layer", title: "ambiguous layers" },
  { kind: "secret", title: "secrets" },
  { kind: "vulnerability", title: "vulnerabilities" },
  { kind: "misconfiguration", title: "configuration" },
];

function* failedCase(finding: Finding, title: string): Generator<string> {
  const message = `[${finding.severity}] ${finding.title || finding.id}`;
  yield `    <testcase ${attributes(finding, title)}>`;
  yield `<failure type="${escapeMarkup(finding.severity)}" message="${escapeMarkup(message)}">${escapeMarkup(detailsOf(finding))}</failure></testcase>\n`;
}

function attributes(finding: Finding, title: string): string {
  const name =
    finding.kind === "vulnerability"
      ? `${finding.id} ${finding.package} ${finding.version}`
      : [finding.id, finding.path].filter(Boolean).join(" ");
  return `classname="${title}" name="${escapeMarkup(name)}"`;
}

function detailsOf(finding: Finding): string {
  const lines = [finding.remedy, finding.path === "" ? "" : `in ${finding.path}`];
  if (finding.kind === "vulnerability") lines.push(finding.url);
  return lines.filter((line) => line !== "").join("\n");
}

function seconds({ durationMs }: ScanResult): string {
  return (durationMs / 1000).toFixed(3);
}
