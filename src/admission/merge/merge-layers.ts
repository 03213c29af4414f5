// Layers' analyses -> one image, as a container sees it, and what is shipped though no container sees it.

import { type FoldedLayers, foldLayers } from "../../image/layer/fold-layers.ts";
import { buildInventory } from "../../inventory/build-inventory.ts";
import { catalogers } from "../../inventory/catalogers.generated.ts";
import type { AmbiguousLayer, Finding } from "../../model/finding.ts";
import type { Ambiguity } from "../../model/layer.ts";
import type { FileProblem, FoundResult } from "../../model/package.ts";
import type { LayerAnalysis } from "../layer/analysis.ts";
import type { ImageContents } from "./image-contents.ts";

/** @param analyses lowest layer first @param configFindings found in the image's config */
export function mergeLayers(analyses: readonly LayerAnalysis[], configFindings: readonly Finding[]): ImageContents {
  const folded = foldLayers(analyses.map((analysis) => ({ paths: analysis.paths, wanted: wantedPaths(analysis) })));
  const placeOf = placesOf(folded);
  const results = analyses.flatMap((analysis, layer) => analysis.results.map((found) => ({ ...found, layer })));
  const standing = results.flatMap((found) => {
    const path = placeOf(found.layer, found.path);
    return path === undefined ? [] : [path === found.path ? found : { ...found, path }];
  });
  const inventory = buildInventory({
    standing,
    covered: results.filter(({ layer, path }) => placeOf(layer, path) === undefined),
    problems: [
      ...analyses.flatMap((analysis, layer) =>
        analysis.problems.filter(({ path }) => path === "" || placeOf(layer, path) !== undefined),
      ),
      ...unreadLinks(folded, standing),
    ],
  });
  const findings = analyses.flatMap((analysis, layer) =>
    analysis.findings.flatMap((finding) => place({ ...finding, layer }, placeOf(layer, finding.path))),
  );
  const ambiguities = [
    ...analyses.flatMap(({ summary }, layer) => summary.ambiguities.map((ambiguity) => ({ layer, ambiguity }))),
    ...folded.ambiguities,
  ];
  return {
    layers: analyses.map(({ summary }) => summary),
    inventory,
    findings: [...configFindings, ...withoutCopies(findings), ...ambiguities.map(ambiguityFinding)],
  };
}

function wantedPaths({ results, findings, problems }: LayerAnalysis): readonly string[] {
  return [...new Set([...results, ...findings, ...problems].map(({ path }) => path).filter((path) => path !== ""))];
}

/** Where a file of a layer stands in the image: by its own name if it still has it; undefined when it is gone. */
function placesOf({ survivors }: FoldedLayers): (layer: number, path: string) => string | undefined {
  const layers = new Map<number, Map<string, readonly string[]>>();
  for (const { layer, path, places } of survivors) {
    const known = layers.get(layer) ?? new Map<string, readonly string[]>();
    if (known.size === 0) layers.set(layer, known);
    known.set(path, places);
  }
  return (layer, path) => {
    const places = layers.get(layer)?.get(path);
    return places?.includes(path) ? path : places?.[0];
  };
}

/** A package database that is a link to some other file, or stands behind one, is not read: that is told, never passed over. */
function unreadLinks(folded: FoldedLayers, standing: readonly FoundResult[]): readonly FileProblem[] {
  const read = new Set(standing.map(({ cataloger, path }) => `${cataloger}\0${path}`));
  return catalogers.flatMap(({ name, reads: { paths = [], directories = [] } }) => {
    const files = paths.flatMap((path) => {
      const real = folded.resolve(path)?.path ?? path;
      return paths.includes(real) || read.has(`${name}\0${real}`) ? [] : [{ path, real }];
    });
    const folders = directories.flatMap((path) => {
      const real = folded.resolveDirectory(path) ?? path;
      return directories.includes(real) ? [] : [{ path, real }];
    });
    return [...files, ...folders].map(({ path, real }) => ({
      path,
      plugin: name,
      what: `is a link to ${JSON.stringify(real)}, which was not read as this file`,
    }));
  });
}

/** A deleted secret or trojan is still shipped; a deleted setuid file does nothing any more. */
function place(finding: Finding, path: string | undefined): readonly Finding[] {
  if (finding.path === "") return [finding];
  if (path !== undefined) return [path === finding.path ? finding : { ...finding, path }];
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
  for (const finding of findings) {
    const key = identityOf(finding);
    const known = seen.get(key);
    if (known === undefined || (isGone(known) && !isGone(finding))) seen.set(key, finding);
  }
  return [...seen.values()];
}

function isGone(finding: Finding): boolean {
  return finding.kind === "malware" ? finding.isDeleted : finding.kind === "secret" && finding.place === "deleted-file";
}

function identityOf(finding: Finding): string {
  return [finding.kind, finding.id, finding.path, contentOf(finding)].join("\0");
}

function contentOf(finding: Finding): string {
  if (finding.kind === "secret") return finding.fingerprint;
  return finding.kind === "malware" ? finding.sha256 : String(finding.layer);
}

function ambiguityFinding(found: { readonly layer: number; readonly ambiguity: Ambiguity }): AmbiguousLayer {
  const { rule, path, detail } = found.ambiguity;
  return {
    kind: "ambiguous-layer",
    id: rule,
    severity: "high",
    title: `readers of archives differ on this layer (${rule})${detail === "" ? "" : `: ${detail}`}`,
    remedy: "build the image again, with one builder and from files that you know",
    path,
    layer: found.layer,
  };
}
