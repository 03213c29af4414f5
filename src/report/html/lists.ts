// The lower part of the HTML report: layers, suppressed findings, packages, and what could not be read.

import type { ScanResult } from "../../model/scan.ts";
import { counted } from "../count-findings.ts";
import { dockerfileLine } from "../describe.ts";
import type { HideSecrets } from "../hide-secrets.ts";
import { html, type Markup } from "./element.ts";
import { bar } from "./summary.ts";

export function layersCard({ image, layers, findings }: ScanResult, hide: HideSecrets): Markup {
  if (image.layers.length === 0) return html``;
  const sizes = image.layers.map((layer) => layers[layer.index]?.size || layer.size);
  const most = Math.max(1, ...sizes);
  const rows = image.layers.map((layer, at) => {
    const line = hide(dockerfileLine(layer.createdBy)) || layer.diffId || layer.digest;
    const count = findings.filter((finding) => finding.layer === layer.index).length;
    const size = sizes[at] ?? 0;
    return html`<li><span class="num">${layer.index}</span><span class="mono" title="${line}">${line}</span><span>${bar("low", size / most)}</span><span class="size">${bytes(size)}</span>${layerChip(layer.index, count)}</li>`;
  });
  return html`<section class="card" id="layers"><h2>Layers</h2><ol class="layers">${rows}</ol></section>`;
}

function layerChip(index: number, count: number): Markup {
  if (count === 0) return html`<span class="size">no findings</span>`;
  return html`<button type="button" class="chip" data-filter="layer" data-value="${index}" aria-pressed="false">${counted(count, "finding")}</button>`;
}

function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = size / 1000;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

export function suppressedCard({ suppressed }: ScanResult): Markup {
  if (suppressed.length === 0) return html``;
  const rows = suppressed.map(
    ({ finding, status, reason, source }) =>
      html`<tr><td class="mono">${finding.id}</td><td>${finding.kind === "vulnerability" ? `${finding.package} ${finding.version}` : finding.path}</td><td>${status}</td><td>${reason}</td><td class="soft small">${source}</td></tr>`,
  );
  return html`<details class="card"><summary>Suppressed <span class="soft">${suppressed.length}</span></summary><table><thead><tr><th>Finding</th><th>Where</th><th>Status</th><th>Reason</th><th>Said by</th></tr></thead><tbody>${rows}</tbody></table></details>`;
}

export function* packagesCard({ inventory }: ScanResult): Generator<Markup> {
  if (inventory.packages.length === 0) return;
  yield html`<details class="card" id="packages"><summary>Packages <span class="soft">${inventory.packages.length}</span></summary><div class="tools needs-script"><input id="package-search" type="search" placeholder="Search packages" aria-label="Search packages"></div><table><thead><tr><th>Package</th><th>Version</th><th>Kind</th><th>Licence</th><th>Known from</th></tr></thead><tbody>`;
  for (const { name, version, ecosystem, license, evidence } of inventory.packages) {
    yield html`<tr><td><b>${name}</b></td><td class="mono">${version}</td><td>${ecosystem}</td><td class="small">${license}</td><td class="mono small">${evidence}</td></tr>
`;
  }
  yield html`</tbody></table></details>`;
}

export function problemsCard({ inventory: { problems } }: ScanResult): Markup {
  if (problems.length === 0) return html``;
  const rows = problems.map(
    ({ path, plugin, what }) => html`<tr><td class="mono">${path}</td><td>${plugin}</td><td>${what}</td></tr>`,
  );
  return html`<details class="card" open><summary>Not read, or not judged <span class="soft">${problems.length}</span></summary><table><thead><tr><th>File</th><th>Reader</th><th>Problem</th></tr></thead><tbody>${rows}</tbody></table></details>`;
}
