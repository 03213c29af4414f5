// Layers' analyses -> one image, as a container sees it, and what is shipped though no container sees it.

import { buildInventory } from "../../inventory/build-inventory.ts";
import type { AmbiguousLayer, Finding } from "../../model/finding.ts";
import type { LayerAnalysis } from "../layer/analysis.ts";
import { coveredPaths } from "../layer/covered-paths.ts";
import type { ImageContents } from "./image-contents.ts";

/** @param analyses lowest layer first @param configFindings found in the image's config */
export function mergeLayers(analyses: readonly LayerAnalysis[], configFindings: readonly Finding[]): ImageContents {
  const covered = coveredPaths(
    analyses.map(({ paths }) => paths),
    analyses.map(askedPaths),
  );
  const isCovered = (layer: number, path: string): boolean => covered[layer]?.has(path) ?? false;
  const results = analyses.flatMap((analysis, layer) => analysis.results.map((found) => ({ ...found, layer })));
  const inventory = buildInventory({
    standing: results.filter(({ layer, path }) => !isCovered(layer, path)),
    covered: results.filter(({ layer, path }) => isCovered(layer, path)),
    problems: analyses.flatMap((analysis, layer) => analysis.problems.filter(({ path }) => !isCovered(layer, path))),
  });
  const findings = analyses.flatMap((analysis, layer) =>
    analysis.findings.flatMap((finding) => placed({ ...finding, layer }, isCovered(layer, finding.path))),
  );
  return {
    layers: analyses.map(({ summary }) => summary),
    inventory,
    findings: [...configFindings, ...withoutCopies(findings), ...analyses.flatMap(ambiguityFindings)],
  };
}

function askedPaths({ results, findings, problems }: LayerAnalysis): ReadonlySet<string> {
  return new Set([...results, ...findings, ...problems].map(({ path }) => path).filter((path) => path !== ""));
}

/** A deleted secret or trojan is still shipped; a deleted setuid file does nothing any more. */
function placed(finding: Finding, isCovered: boolean): readonly Finding[] {
  if (!isCovered) return [finding];
  switch (finding.kind) {
    case "secret":
      return [{ ...finding, place: finding.place === "file" ? "deleted-file" : finding.place }];
    case "malware":
      return [{ ...finding, isDeleted: true }];
    default:
      return [];
  }
}

/** The same file in several layers is one finding: where it still stands, else where it came in. */
function withoutCopies(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, Finding>();
  const isGone = (finding: Finding): boolean =>
    finding.kind === "malware" ? finding.isDeleted : finding.kind === "secret" && finding.place === "deleted-file";
  for (const finding of findings) {
    const key = identityOf(finding);
    const known = seen.get(key);
    if (known === undefined || (isGone(known) && !isGone(finding))) seen.set(key, finding);
  }
  return [...seen.values()];
}

function identityOf(finding: Finding): string {
  const content =
    finding.kind === "secret"
      ? finding.fingerprint
      : finding.kind === "malware"
        ? finding.sha256
        : String(finding.layer);
  return [finding.kind, finding.id, finding.path, content].join("\0");
}

function ambiguityFindings({ summary }: LayerAnalysis, layer: number): readonly AmbiguousLayer[] {
  return summary.ambiguities.map(({ rule, path, detail }) => ({
    kind: "ambiguous-layer",
    id: rule,
    severity: "high",
    title: `readers of archives differ on this layer (${rule})${detail === "" ? "" : `: ${detail}`}`,
    remedy: "build the image again, with one builder and from files that you know",
    path,
    layer,
  }));
}
