// GitLab's container scanning report: the merge request shows what changed, the project keeps track.
// Source: GitLab security report schemas 15.2, container-scanning-report-format.

import type { Severity } from "../../model/advisory.ts";
import type { Finding } from "../../model/finding.ts";
import type { ScanResult } from "../../model/scan.ts";
import type { Format } from "../format.ts";
import { jsonDocument, rows } from "../json-pieces.ts";
import { uuidOf } from "../stable-id.ts";
import { nameOf } from "../subject.ts";
import { isWebAddress } from "../web-address.ts";

export const gitlab: Format = {
  name: "gitlab",
  summary: "GitLab container scanning report",
  needs: {},
  extension: ".json",
  *render(result) {
    const [name = "plimsoll", version = "0"] = result.tool.split(" ");
    const scanner = { id: name, name: "Plimsoll", version, vendor: { name: "Plimsoll" } };
    const started = new Date(Date.parse(result.scannedAt) - result.durationMs).toISOString();
    yield* jsonDocument(
      {
        version: "15.2.1",
        scan: {
          analyzer: scanner,
          scanner,
          type: "container_scanning",
          start_time: seconds(started),
          end_time: seconds(result.scannedAt),
          status: "success",
        },
        vulnerabilities: rows(() => vulnerabilitiesOf(result)),
      },
      2,
    );
  },
};

const severityWords: Readonly<Record<Severity, string>> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
  negligible: "Info",
  unknown: "Unknown",
};

function* vulnerabilitiesOf(result: ScanResult) {
  for (const finding of result.findings) yield vulnerabilityOf(finding, result);
}

function vulnerabilityOf(finding: Finding, result: ScanResult) {
  const [name, version] = dependencyOf(finding);
  return {
    id: uuidOf(finding.kind, finding.id, name, version, finding.path),
    name: (finding.kind === "vulnerability" ? `${finding.id} in ${name}` : finding.title || finding.id).slice(0, 255),
    description: finding.title || finding.id,
    severity: severityWords[finding.severity],
    solution: finding.remedy === "" ? undefined : finding.remedy,
    identifiers: identifiersOf(finding),
    links: linksOf(finding),
    location: {
      dependency: { package: { name }, version },
      operating_system: operatingSystemOf(result),
      image: imageOf(result),
    },
  };
}

function dependencyOf(finding: Finding): readonly [string, string] {
  return finding.kind === "vulnerability" ? [finding.package, finding.version] : [finding.path || finding.kind, ""];
}

/** At most 20, the first one names the finding. */
function identifiersOf(finding: Finding) {
  if (finding.kind !== "vulnerability") {
    return [{ type: "plimsoll", name: `${finding.kind}/${finding.id}`, value: `${finding.kind}/${finding.id}` }];
  }
  return [finding.id, ...finding.aliases].slice(0, 20).map((id) => ({
    type: (/^[A-Za-z]+/.exec(id)?.[0] ?? "plimsoll").toLowerCase(),
    name: id,
    value: id,
    url: id === finding.id && isWebAddress(finding.url) ? finding.url : undefined,
  }));
}

function linksOf(finding: Finding) {
  return finding.kind === "vulnerability" && isWebAddress(finding.url) ? [{ url: finding.url }] : undefined;
}

function operatingSystemOf({ inventory: { distribution } }: ScanResult): string {
  if (distribution === undefined) return "unknown";
  return [distribution.id, distribution.version].filter(Boolean).join(":") || "unknown";
}

/** The schema wants a tag or a digest behind the name. */
function imageOf(result: ScanResult): string {
  const name = nameOf(result).replaceAll(/\s/g, "_").replace(/:+$/, "");
  const parts = name.split(":");
  if (parts.length > 1 && parts.length < 4 && parts.every((part) => part !== "")) return name;
  return `${parts.filter((part) => part !== "").join("_") || "image"}:unknown`;
}

function seconds(time: string): string {
  return time.slice(0, 19);
}
