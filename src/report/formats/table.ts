// For people at a terminal: one screen with the verdict, the counts and what to do first, then every finding in a table.

import { nameWarnings } from "../../base/name-warnings.ts";
import { printable } from "../../base/printable.ts";
import { readReference } from "../../base/reference.ts";
import type { Finding } from "../../model/finding.ts";
import type { ScanResult } from "../../model/scan.ts";
import { countByKind, countBySeverity, counted } from "../count-findings.ts";
import { describeData, describeDistribution, describePlatform, lineOfLayer } from "../describe.ts";
import { adviseFirst } from "../do-first.ts";
import type { Format, RenderOptions } from "../format.ts";
import { type Cell, layOut, type Paint, painter, severityStyles } from "../paint.ts";
import { byUrgency, placeOf } from "../urgency.ts";

export const table: Format = {
  name: "table",
  summary: "one screen for people, then the table of findings",
  needs: {},
  extension: ".txt",
  *render(result, options) {
    const paint = painter(options.hasColour);
    yield* heading(result, options, paint);
    yield* naming(result, paint);
    yield* bars(result, paint, options.width);
    yield* firstActs(result, paint);
    yield* closing(result, paint);
    yield* untold(result, paint);
    yield* findingsTable(result, options, paint);
    yield* suppressedTable(result, paint);
  },
};

function* heading(result: ScanResult, { width }: RenderOptions, paint: Paint): Generator<string> {
  const { image, decision } = result;
  const digest = image.configDigest === "" ? "" : `${image.configDigest.slice(0, 19)}…`;
  const facts = [digest, describeDistribution(result), describePlatform(result)].filter((fact) => fact !== "");
  const subject = printable(image.subject, 200);
  const hasRoom = subject.length + facts.join("  ").length + 2 <= width;
  yield `${paint("bold", subject)}${hasRoom ? "  " : "\n"}${paint("dim", facts.join("  "))}\n`;
  if (decision === undefined) return;
  const isAllowed = decision.verdict === "allow";
  const word = paint(isAllowed ? ["bold", "green"] : ["bold", "red"], isAllowed ? "ALLOWED" : "DENIED");
  const rules = decision.rules
    .filter(({ file }) => file !== "" || !isAllowed)
    .map(({ id, file, line }) => (file === "" ? id : `${id} ${file}:${line}`));
  yield `${word}${isAllowed ? "" : `  ${printable(decision.reason, 400)}`}  ${paint("dim", printable(rules.slice(0, 3).join(", ")))}\n`;
  if (!isAllowed && decision.remedy !== "") yield `        ${paint("dim", printable(decision.remedy, 400))}\n`;
}

/** Whoever made an archive chose the names in it; and names may be made to be taken for others. */
function* naming({ image }: ScanResult, paint: Paint): Generator<string> {
  const isArchive = ["docker-archive", "oci-archive", "oci-layout"].includes(image.source);
  for (const name of image.names.slice(0, 4)) {
    if (isArchive) yield `${paint("dim", `claims to be ${printable(name, 200)}, which every archive can`)}\n`;
    const reference = readReference(name);
    for (const { detail } of reference === undefined ? [] : nameWarnings(reference)) {
      yield `${paint("yellow", "!")} ${printable(detail, 300)}\n`;
    }
  }
}

const barWidth = 32;

function* bars({ findings }: ScanResult, paint: Paint, width: number): Generator<string> {
  const counts = countBySeverity(findings).filter(({ severity, count }) => count > 0 || severity !== "unknown");
  const most = Math.max(1, ...counts.map(({ count }) => count));
  const room = Math.max(8, Math.min(barWidth, width - 40));
  yield "\n";
  for (const { severity, count, fixable } of counts) {
    const bar = count === 0 ? "" : "█".repeat(Math.max(1, Math.round((count / most) * room)));
    const note = fixable === 0 ? "" : paint("dim", `  ${fixable} with a fix`);
    const painted = count === 0 ? "" : `  ${paint(severityStyles[severity], bar)}${note}`;
    yield `  ${paint(severityStyles[severity], severity.padEnd(10))} ${String(count).padStart(5)}${painted}\n`;
  }
}

function* firstActs({ findings }: ScanResult, paint: Paint): Generator<string> {
  const acts = adviseFirst(findings);
  if (acts.length === 0) return;
  yield `\n${paint("bold", "Do first")}\n`;
  for (const [at, { act, because, severity }] of acts.entries()) {
    yield `  ${at + 1}. ${paint(severityStyles[severity], printable(act, 300))}\n     ${paint("dim", printable(because, 300))}\n`;
  }
}

function* closing(result: ScanResult, paint: Paint): Generator<string> {
  const { inventory, layers, findings, suppressed, advisoryData, scannedAt, durationMs } = result;
  const kinds = countByKind(findings);
  const amounts = [
    counted(inventory.packages.length, "package"),
    counted(layers.length, "layer"),
    counted(kinds.vulnerability, "vulnerability", "vulnerabilities"),
    `malware in ${counted(kinds.malware, "file")}`,
    counted(kinds.secret, "secret"),
    counted(kinds.misconfiguration, "misconfiguration"),
    ...(kinds["ambiguous-layer"] === 0 ? [] : [counted(kinds["ambiguous-layer"], "ambiguity", "ambiguities")]),
    ...(suppressed.length === 0 ? [] : [`${suppressed.length} suppressed`]),
    ...(inventory.problems.length === 0 ? [] : [`${counted(inventory.problems.length, "problem")}`]),
  ];
  yield `\n${amounts.join(", ")}\n`;
  yield paint("dim", `${describeData(advisoryData, scannedAt)}; scanned in ${duration(durationMs)}\n`);
}

const shownProblems = 6;

/** What a clean result does not speak of: packages that nobody judges stand before files that nobody could read. */
function* untold({ inventory: { problems } }: ScanResult, paint: Paint): Generator<string> {
  if (problems.length === 0) return;
  yield `\n${paint("bold", "Not read, or not judged")}\n`;
  const judged = (plugin: string): number => Number(plugin !== "matching");
  const sorted = problems.toSorted((left, right) => judged(left.plugin) - judged(right.plugin));
  for (const { path, plugin, what } of sorted.slice(0, shownProblems)) {
    const where = printable(path === "" ? plugin : path, 200);
    yield `  ${paint("yellow", "!")} ${where}: ${printable(what, 300)}\n`;
  }
  const more = problems.length - shownProblems;
  if (more > 0) yield paint("dim", `  and ${more} more, which --format json lists\n`);
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function* findingsTable(result: ScanResult, options: RenderOptions, paint: Paint): Generator<string> {
  const sorted = result.findings.toSorted(byUrgency);
  if (sorted.length === 0) return;
  const columns = [
    { title: "SEVERITY", least: 8 },
    { title: "ID", least: 14 },
    { title: "WHERE", least: 10 },
    { title: "INSTALLED", least: 9 },
    { title: "FIXED IN", least: 8 },
    { title: "WHAT", least: 20, isSpare: true },
    ...(options.showLayers ? [{ title: "LAYER", least: 8 }] : []),
  ];
  const rows = sorted.map((finding) => [
    ...cellsOf(finding),
    ...(options.showLayers ? [{ text: layerCell(result, finding) }] : []),
  ]);
  yield "\n";
  yield* layOut(columns, rows, { width: Math.max(60, options.width), paint });
}

function cellsOf(finding: Finding): readonly Cell[] {
  const isVulnerability = finding.kind === "vulnerability";
  const where = isVulnerability ? finding.package : finding.path || "image config";
  const flag = isVulnerability && finding.exploitation.isKnownExploited ? "known exploited: " : "";
  const masked = finding.kind === "secret" && finding.masked !== "" ? ` ${finding.masked}` : "";
  return [
    { text: finding.severity, style: severityStyles[finding.severity] },
    { text: printable(finding.id, 60) },
    { text: printable(where, 200), style: "bold" },
    { text: isVulnerability ? printable(finding.version, 60) : "" },
    isVulnerability ? fixCell(finding) : { text: "" },
    { text: printable(`${flag}${finding.title}${masked}`, 300) },
  ];
}

function fixCell({ fixedVersion, fixState }: Extract<Finding, { kind: "vulnerability" }>): Cell {
  if (fixedVersion !== "") return { text: printable(fixedVersion, 60), style: "green" };
  return { text: fixState === "unfixed" ? "" : fixState, style: "dim" };
}

function layerCell(result: ScanResult, { layer }: Finding): string {
  if (layer < 0) return "";
  return printable(`${layer}: ${lineOfLayer(result, layer)}`, 200);
}

function* suppressedTable({ suppressed }: ScanResult, paint: Paint): Generator<string> {
  if (suppressed.length === 0) return;
  yield `\n${paint("bold", "Suppressed")}\n`;
  for (const { finding, status, reason, source } of suppressed) {
    const text = `${finding.id} ${placeOf(finding)}: ${status}${reason === "" ? "" : `, ${reason}`} (${source})`;
    yield `  ${paint("dim", printable(text, 400))}\n`;
  }
}
