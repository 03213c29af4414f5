// Everything a scan found, in our own words. docs/scanning.md describes the fields; the number in `schema` grows when one of
// them changes its meaning or goes away. Values of environment variables are left out: they may be secrets.

import { purlOf } from "../../base/purl.ts";
import type { ScanResult } from "../../model/scan.ts";
import { countByKind, countBySeverity } from "../count-findings.ts";
import { adviseFirst } from "../do-first.ts";
import type { Format } from "../format.ts";
import { type HideSecrets, hidingSecrets } from "../hide-secrets.ts";
import { jsonDocument, rows } from "../json-pieces.ts";

export const json: Format = {
  name: "json",
  summary: "everything, with documented and stable names",
  needs: {},
  extension: ".json",
  *render(result) {
    const hide = hidingSecrets(result);
    const { tool, scannedAt, durationMs, advisoryData, decision, inventory, findings, suppressed } = result;
    yield* jsonDocument(
      {
        schema: "plimsoll.scan/1",
        tool,
        scannedAt,
        durationMs,
        image: imageMembers(result),
        layers: layerMembers(result, hide),
        advisoryData,
        decision: decision ?? null,
        summary: summaryMembers(result),
        distribution: inventory.distribution ?? null,
        packages: rows(() => packageMembers(inventory)),
        problems: inventory.problems,
        findings,
        suppressed,
      },
      2,
    );
  },
};

function* packageMembers({ packages, distribution }: ScanResult["inventory"]) {
  for (const found of packages) yield { ...found, purl: purlOf(found, distribution) };
}

function imageMembers({ image }: ScanResult) {
  const { subject, source, names, indexDigest, manifestDigest, configDigest, config } = image;
  const { platform, created, user, env, entrypoint, workingDirectory, exposedPorts, volumes } = config;
  return {
    subject,
    source,
    names,
    indexDigest,
    manifestDigest,
    configDigest,
    platform,
    created,
    user,
    environmentNames: env.map((line) => line.split("=", 1)[0] ?? ""),
    hasEntrypoint: entrypoint.length > 0,
    workingDirectory,
    exposedPorts,
    volumes,
  };
}

function layerMembers({ image, layers }: ScanResult, hide: HideSecrets) {
  return image.layers.map((layer) => {
    const summary = layers[layer.index];
    return {
      index: layer.index,
      digest: summary?.digest || layer.digest,
      diffId: summary?.diffId || layer.diffId,
      mediaType: layer.mediaType,
      size: layer.size,
      uncompressedSize: summary?.size ?? 0,
      entries: summary?.entries ?? 0,
      createdBy: hide(layer.createdBy),
      ambiguities: summary?.ambiguities ?? [],
    };
  });
}

function summaryMembers({ findings, suppressed, inventory }: ScanResult) {
  return {
    bySeverity: Object.fromEntries(
      countBySeverity(findings).map(({ severity, count, fixable }) => [severity, { count, fixable }]),
    ),
    byKind: countByKind(findings),
    suppressed: suppressed.length,
    packages: inventory.packages.length,
    doFirst: adviseFirst(findings),
  };
}
