// The table of findings in the HTML report, with what the filters ask for on each row.

import { isDistributed } from "../../base/package-url.ts";
import { severities } from "../../base/severity.ts";
import type { Finding } from "../../model/finding.ts";
import type { ScanResult } from "../../model/scan.ts";
import { isFixable } from "../count-findings.ts";
import { lineOfLayer } from "../describe.ts";
import type { HideSecrets } from "../hide-secrets.ts";
import { byUrgency } from "../urgency.ts";
import { isWebAddress } from "../web-address.ts";
import { html, type Markup } from "./element.ts";

const kindNames: Readonly<Record<Finding["kind"], string>> = {
  malware: "malware",
  "ambiguous-layer": "ambiguous layer",
  secret: "secret",
  vulnerability: "vulnerability",
  misconfiguration: "configuration",
};

export function* findingsCard(result: ScanResult, hide: HideSecrets): Generator<Markup> {
  const sorted = result.findings.toSorted(byUrgency);
  yield html`<section class="card" id="findings"><h2>Findings <span class="soft" id="shown">${sorted.length}</span></h2>`;
  if (sorted.length === 0) {
    yield html`<p class="none">Nothing was found.</p></section>`;
    return;
  }
  yield tools(sorted);
  yield html`<table><thead><tr><th>Severity</th><th>Finding</th><th>Where</th><th>Installed</th><th>Fixed in</th></tr></thead><tbody>`;
  for (const finding of sorted) yield row(finding, result, hide);
  yield html`</tbody></table><p class="none" id="none" hidden>No finding fits.</p></section>`;
}

function tools(findings: readonly Finding[]): Markup {
  const present = severities.filter((severity) => findings.some((finding) => finding.severity === severity));
  const kinds = [...new Set(findings.map(({ kind }) => kind))];
  return html`<div class="tools needs-script"><input id="search" type="search" placeholder="Search findings, packages, files  ( / )" aria-label="Search findings">${present.map((severity) => chip("severity", severity, severity))}${
    kinds.length < 2 ? html`` : kinds.map((kind) => chip("kind", kind, kindNames[kind]))
  }${findings.some(isFixable) ? chip("fixable", "yes", "with a fix") : html``}</div>`;
}

function chip(group: string, value: string, label: string): Markup {
  return html`<button type="button" class="chip" data-filter="${group}" data-value="${value}" aria-pressed="false">${label}</button>`;
}

function row(finding: Finding, result: ScanResult, hide: HideSecrets): Markup {
  const isVulnerability = finding.kind === "vulnerability";
  return html`<tr data-severity="${finding.severity}" data-kind="${finding.kind}" data-layer="${finding.layer}" data-fixable="${isFixable(finding) ? "yes" : "no"}"><td><span class="pill ${finding.severity}">${finding.severity}</span></td><td>${nameCell(finding)}</td><td>${whereCell(finding, result, hide)}</td><td class="mono">${
    isVulnerability ? finding.version : ""
  }</td><td>${isVulnerability ? fixCell(finding.fixedVersion, finding.fixState) : ""}</td></tr>
`;
}

function nameCell(finding: Finding): Markup {
  const isLinked = finding.kind === "vulnerability" && isWebAddress(finding.url);
  const id = isLinked
    ? html`<a href="${finding.url}" rel="noreferrer noopener">${finding.id}</a>`
    : html`<b>${finding.id}</b>`;
  const tags = finding.kind === "vulnerability" ? vulnerabilityTags(finding) : html``;
  const masked = finding.kind === "secret" && finding.masked !== "" ? html` <code>${finding.masked}</code>` : html``;
  return html`<span class="mono">${id}</span> ${tags}<br><span>${finding.title}</span>${masked}${
    finding.remedy === "" || finding.kind === "vulnerability"
      ? html``
      : html`<br><span class="soft small">${finding.remedy}</span>`
  }`;
}

function vulnerabilityTags({ exploitation, cvssScore }: Extract<Finding, { kind: "vulnerability" }>): Markup {
  const known = exploitation.isKnownExploited ? html`<span class="tag critical">known exploited</span>` : html``;
  const epss =
    exploitation.epss >= 0.1
      ? html`<span class="tag medium">EPSS ${Math.round(exploitation.epss * 100)} %</span>`
      : html``;
  const score = cvssScore < 0 ? html`` : html`<span class="soft small nowrap">CVSS ${cvssScore.toFixed(1)}</span>`;
  return html`${known}${epss}${score}`;
}

function whereCell(finding: Finding, result: ScanResult, hide: HideSecrets): Markup {
  const line = finding.layer < 0 ? "" : hide(lineOfLayer(result, finding.layer));
  const layer =
    finding.layer < 0
      ? html``
      : html`<br><span class="soft small">layer ${finding.layer}${line === "" ? "" : `: ${shorten(line)}`}</span>`;
  const lineNumber = finding.kind === "secret" && finding.line > 0 ? `:${finding.line}` : "";
  // The database of a distribution's packages is one file for all: naming it on each row tells nothing.
  const isListed = finding.kind === "vulnerability" && isDistributed(finding.ecosystem);
  const path =
    finding.path === "" || isListed ? html`` : html`<span class="mono small">${finding.path}${lineNumber}</span>`;
  if (finding.kind === "vulnerability")
    return html`<b>${finding.package}</b>${path.text === "" ? path : html`<br>${path}`}${layer}`;
  return html`${finding.path === "" ? html`<span class="soft">${kindNames[finding.kind]}</span>` : path}${layer}`;
}

function fixCell(fixedVersion: string, fixState: string): Markup {
  return fixedVersion === ""
    ? html`<span class="soft small">${fixState}</span>`
    : html`<span class="fix mono">${fixedVersion}</span>`;
}

function shorten(text: string): string {
  return text.length > 90 ? `${text.slice(0, 89)}…` : text;
}
