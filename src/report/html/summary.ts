// The top of the HTML report: what was scanned, the verdict, the counts, and what to do first.

import type { ScanResult } from "../../model/scan.ts";
import { countByKind, countBySeverity, counted, type SeverityCount } from "../count-findings.ts";
import { describeData, describeDistribution, describePlatform } from "../describe.ts";
import { adviseFirst } from "../do-first.ts";
import { digestOf, nameOf } from "../subject.ts";
import { html, type Markup } from "./element.ts";

/** The mark on a ship's side: a ring and the line that the water must not pass. */
const mark = html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true"><circle cx="12" cy="12" r="7"/><path d="M1 12h22"/></svg>`;

export function heading(result: ScanResult): Markup {
  const digest = digestOf(result);
  const facts: readonly (readonly [string, string])[] = [
    ["digest", digest === "" ? "" : `${digest.slice(0, 26)}…`],
    ["system", describeDistribution(result)],
    ["platform", describePlatform(result)],
    ["packages", String(result.inventory.packages.length)],
    ["scanned", `${result.scannedAt.slice(0, 16).replace("T", " ")} UTC`],
  ];
  return html`<header><div class="brand">${mark}<span>Plimsoll image report</span></div><h1>${nameOf(result)}</h1><p class="facts">${facts
    .filter(([, value]) => value !== "")
    .map(
      ([name, value]) => html`<span>${name} <b title="${name === "digest" ? digest : value}">${value}</b></span>`,
    )}</p></header>`;
}

export function verdictCard({ decision, advisoryData, scannedAt, findings }: ScanResult): Markup {
  const known = html`<p class="small soft">${capitalized(describeData(advisoryData, scannedAt))}.</p>`;
  if (decision === undefined) {
    const word = findings.length === 0 ? "Nothing found" : `${counted(findings.length, "finding")}`;
    return html`<section class="card verdict"><div class="word">${word}</div><p class="soft">No policy was asked about this image.</p>${known}</section>`;
  }
  const isAllowed = decision.verdict === "allow";
  const rules = decision.rules.map(
    ({ id, file, line }) => html`<code>${id}${file === "" ? "" : ` (${file}:${line})`}</code> `,
  );
  const remedy = decision.remedy === "" ? html`` : html`<p class="soft">${capitalized(decision.remedy)}.</p>`;
  return html`<section class="card verdict ${isAllowed ? "allowed" : "denied"}"><div class="word">${
    isAllowed ? "Allowed" : "Denied"
  }</div><p>${decision.reason === "" ? html`` : `${capitalized(decision.reason)}.`}</p>${remedy}<p class="small soft">${rules}</p>${known}</section>`;
}

export function countsCard({ findings }: ScanResult): Markup {
  const counts = countBySeverity(findings).filter(({ severity, count }) => count > 0 || severity !== "unknown");
  const total = Math.max(1, findings.length);
  const most = Math.max(1, ...counts.map(({ count }) => count));
  const kinds = countByKind(findings);
  const amounts = [
    counted(kinds.vulnerability, "vulnerability", "vulnerabilities"),
    counted(kinds.malware, "file of malware", "files of malware"),
    counted(kinds.secret, "secret"),
    counted(kinds.misconfiguration, "misconfiguration"),
    ...(kinds["ambiguous-layer"] === 0 ? [] : [counted(kinds["ambiguous-layer"], "ambiguity", "ambiguities")]),
  ];
  return html`<section class="card"><h2>Findings by severity</h2>${stackedBar(counts, total)}<div class="counts">${counts.map(
    ({ severity, count, fixable }) =>
      html`<span><i class="dot ${severity}"></i>${severity}</span><span class="n">${count}</span>${bar(severity, count / most)}<span class="soft small">${fixable === 0 ? "" : `${fixable} with a fix`}</span>`,
  )}</div><p class="small soft">${amounts.join(" · ")}</p></section>`;
}

/** The share of each severity, side by side. */
function stackedBar(counts: readonly SeverityCount[], total: number): Markup {
  let x = 0;
  const parts = counts.map(({ severity, count }) => {
    const width = (count / total) * 100;
    const part = html`<rect class="${severity}" x="${x.toFixed(3)}%" width="${width.toFixed(3)}%" height="100%"/>`;
    x += width;
    return part;
  });
  return html`<svg class="stack" role="img" aria-label="share of each severity" preserveAspectRatio="none"><rect class="track" width="100%" height="100%"/>${parts}</svg>`;
}

export function bar(tone: string, share: number): Markup {
  const width = share <= 0 ? 0 : Math.max(1.5, share * 100);
  return html`<svg aria-hidden="true"><rect class="track" width="100%" height="8" rx="4"/><rect class="${tone}" width="${width.toFixed(2)}%" height="8" rx="4"/></svg>`;
}

export function firstActs({ findings }: ScanResult): Markup {
  const acts = adviseFirst(findings);
  if (acts.length === 0) return html``;
  return html`<section class="card"><h2>Do first</h2><ol class="acts">${acts.map(
    ({ act, because, severity }) =>
      html`<li class="${severity}"><strong>${capitalized(act)}</strong><span class="soft small">${capitalized(because)}</span></li>`,
  )}</ol></section>`;
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
