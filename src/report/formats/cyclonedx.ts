// CycloneDX 1.6 in JSON: what is in the image, and what is known against it. Suppressed findings carry their analysis.
// Source: cyclonedx.org/docs/1.6/json.

import type { Severity } from "../../model/advisory.ts";
import type { Finding, Suppressed, Vulnerability } from "../../model/finding.ts";
import type { ScanResult } from "../../model/scan.ts";
import { affectedBy, type Component, componentsOf } from "../components.ts";
import type { Format } from "../format.ts";
import { jsonDocument, rows } from "../json-pieces.ts";
import { readLicense } from "../license.ts";
import { hashOf, uuidOf } from "../stable-id.ts";
import { digestOf, imageUrl, nameOf, scanId } from "../subject.ts";
import { isWebAddress } from "../web-address.ts";

export const cyclonedx: Format = {
  name: "cyclonedx",
  summary: "CycloneDX 1.6 JSON: packages and vulnerabilities",
  needs: {},
  extension: ".cdx.json",
  *render(result) {
    const components = componentsOf(result);
    const root = rootOf(result);
    yield* jsonDocument(
      {
        $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bomFormat: "CycloneDX",
        specVersion: "1.6",
        serialNumber: `urn:uuid:${uuidOf(scanId(result))}`,
        version: 1,
        metadata: { timestamp: result.scannedAt, tools: { components: [toolOf(result)] }, component: root },
        components: rows(() => componentsAsWritten(result, components)),
        dependencies: [{ ref: root["bom-ref"], dependsOn: [...new Set(components.map(({ ref }) => ref))] }],
        vulnerabilities: rows(() => vulnerabilitiesOf(result, components)),
      },
      2,
    );
  },
};

function* componentsAsWritten(result: ScanResult, components: readonly Component[]) {
  yield* distributionOf(result);
  for (const component of components) yield componentOf(component, result);
}

function toolOf({ tool }: ScanResult) {
  const [name = "plimsoll", version = ""] = tool.split(" ");
  return { type: "application", name, version };
}

function rootOf(result: ScanResult) {
  const digest = digestOf(result);
  const isImage = digest !== "";
  return {
    type: isImage ? "container" : "file",
    "bom-ref": `image:${hashOf(nameOf(result), digest).slice(0, 16)}`,
    name: nameOf(result),
    version: isImage ? digest : undefined,
    purl: isImage ? imageUrl(result) : undefined,
  };
}

function distributionOf({ inventory: { distribution } }: ScanResult) {
  if (distribution === undefined || distribution.id === "") return [];
  const { id, version, prettyName } = distribution;
  return [
    {
      type: "operating-system",
      "bom-ref": `os:${id}@${version}`,
      name: id,
      version: version === "" ? undefined : version,
      description: prettyName === "" ? undefined : prettyName,
    },
  ];
}

function componentOf({ found, purl, ref }: Component, { image }: ScanResult) {
  const license = readLicense(found.license);
  const group = /^(@[^/]+)\/./.exec(found.name)?.[1] ?? /^([^:]+):./.exec(found.name)?.[1];
  return {
    type: "library",
    "bom-ref": ref,
    supplier: found.vendor === "" ? undefined : { name: found.vendor },
    group: found.ecosystem === "npm" || found.ecosystem === "maven" ? group : undefined,
    name:
      group === undefined || !["npm", "maven"].includes(found.ecosystem)
        ? found.name
        : found.name.slice(group.length + 1),
    version: found.version,
    licenses: license && [
      license.kind === "expression" ? { expression: license.text } : { license: { name: license.text } },
    ],
    purl,
    evidence: found.evidence === "" ? undefined : { occurrences: [{ location: found.evidence }] },
    properties: [
      { name: "plimsoll:ecosystem", value: found.ecosystem },
      { name: "plimsoll:source-name", value: found.sourceName },
      { name: "plimsoll:source-version", value: found.sourceVersion },
      { name: "plimsoll:layer", value: found.layer < 0 ? "" : String(found.layer) },
      { name: "plimsoll:layer-diff-id", value: image.layers[found.layer]?.diffId ?? "" },
    ].filter(({ value }) => value !== ""),
  };
}

function* vulnerabilitiesOf(result: ScanResult, components: readonly Component[]) {
  const affected = affectedBy(components);
  const all: readonly Stated[] = [
    ...result.findings.map((finding) => ({ finding, suppressed: undefined })),
    ...result.suppressed.map((suppressed) => ({ finding: suppressed.finding, suppressed })),
  ].flatMap(({ finding, suppressed }) => (isVulnerability(finding) ? [{ finding, suppressed }] : []));
  const groups = Map.groupBy(all, ({ finding, suppressed }) =>
    hashOf(finding.id, suppressed?.status ?? "", suppressed?.reason ?? "", finding.severity, finding.fixedVersion),
  );
  for (const [key, group] of groups) yield* vulnerabilityOf(key, group, affected);
}

type Stated = { readonly finding: Vulnerability; readonly suppressed: Suppressed | undefined };

function isVulnerability(finding: Finding): finding is Vulnerability {
  return finding.kind === "vulnerability";
}

function vulnerabilityOf(
  key: string,
  group: readonly Stated[],
  affected: (finding: Vulnerability) => readonly Component[],
) {
  const first = group[0];
  if (first === undefined) return [];
  const { finding, suppressed } = first;
  const refs = [...new Set(group.flatMap((each) => affected(each.finding)).map(({ ref }) => ref))];
  return [
    {
      "bom-ref": `vulnerability:${key.slice(0, 24)}`,
      id: finding.id,
      source: {
        name: finding.severitySource || finding.namespace,
        url: isWebAddress(finding.url) ? finding.url : undefined,
      },
      references: finding.aliases.map((id) => ({ id, source: { name: "alias" } })),
      ratings: [ratingOf(finding)],
      description: finding.title === "" ? undefined : finding.title,
      recommendation: finding.remedy === "" ? undefined : finding.remedy,
      advisories: isWebAddress(finding.url)
        ? [{ title: finding.advisories[0] ?? finding.id, url: finding.url }]
        : undefined,
      published: Number.isNaN(Date.parse(finding.published)) ? undefined : new Date(finding.published).toISOString(),
      analysis: analysisOf(suppressed),
      affects: refs.map((ref) => ({ ref })),
      properties: propertiesOf(finding),
    },
  ];
}

function propertiesOf({ fixState, fixedVersion, exploitation }: Vulnerability) {
  return [
    { name: "plimsoll:fix-state", value: fixState },
    { name: "plimsoll:fixed-version", value: fixedVersion },
    { name: "plimsoll:epss", value: exploitation.epss < 0 ? "" : String(exploitation.epss) },
    { name: "plimsoll:known-exploited", value: exploitation.isKnownExploited ? "true" : "" },
  ].filter(({ value }) => value !== "");
}

const severityWords: Readonly<Record<Severity, string>> = {
  critical: "critical",
  high: "high",
  medium: "medium",
  low: "low",
  negligible: "info",
  unknown: "unknown",
};

function ratingOf({ severity, severitySource, cvssScore, cvssVector }: Vulnerability) {
  const method = methods.find(([start]) => cvssVector.startsWith(start))?.[1];
  return {
    source: severitySource === "" ? undefined : { name: severitySource },
    score: cvssScore < 0 ? undefined : cvssScore,
    severity: severityWords[severity],
    method,
    vector: cvssVector === "" ? undefined : cvssVector,
  };
}

const methods: readonly (readonly [string, string])[] = [
  ["CVSS:4", "CVSSv4"],
  ["CVSS:3.1", "CVSSv31"],
  ["CVSS:3", "CVSSv3"],
  ["AV:", "CVSSv2"],
];

function analysisOf(suppressed: Suppressed | undefined) {
  if (suppressed === undefined) return undefined;
  const states: Readonly<Record<string, string>> = { not_affected: "not_affected", fixed: "resolved" };
  return {
    state: states[suppressed.status] ?? "exploitable",
    response: suppressed.by === "ignore-rule" ? ["will_not_fix"] : undefined,
    detail: [suppressed.reason, suppressed.source].filter(Boolean).join(" - "),
  };
}
