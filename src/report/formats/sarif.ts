// SARIF 2.1.0, for code hosts and editors: one rule an id, one result a place. Suppressed findings stay, marked as such.
// Source: OASIS SARIF 2.1.0 (sections 3.19, 3.27, 3.35, 3.49); the host's `security-severity` property (0.0 to 10.0).

import type { Severity } from "../../model/advisory.ts";
import type { Finding, Suppressed } from "../../model/finding.ts";
import type { ScanResult } from "../../model/scan.ts";
import { lineOfLayer } from "../describe.ts";
import type { Format } from "../format.ts";
import { hidingSecrets } from "../hide-secrets.ts";
import { jsonDocument, rows } from "../json-pieces.ts";
import { hashOf } from "../stable-id.ts";
import { nameOf } from "../subject.ts";
import { isWebAddress } from "../web-address.ts";

export const sarif: Format = {
  name: "sarif",
  summary: "SARIF 2.1.0, for code hosts and editors",
  needs: {},
  extension: ".sarif",
  *render(result) {
    const all = [...result.findings, ...result.suppressed.map(({ finding }) => finding)];
    const rules = [...Map.groupBy(all, ruleId).values()].flatMap((group) => group.slice(0, 1));
    const indexOf = new Map(rules.map((rule, at) => [ruleId(rule), at]));
    const toResult = resultsOf(result, indexOf);
    yield* jsonDocument(
      {
        $schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [
          {
            tool: { driver: { ...driverOf(result), rules: rules.map(ruleOf) } },
            automationDetails: { id: `plimsoll/${nameOf(result)}/` },
            invocations: [{ executionSuccessful: true, endTimeUtc: result.scannedAt }],
            results: rows(() => resultsAsWritten(result, toResult)),
            columnKind: "utf16CodeUnits",
          },
        ],
      },
      5,
    );
  },
};

function* resultsAsWritten({ findings, suppressed }: ScanResult, toResult: ReturnType<typeof resultsOf>) {
  for (const finding of findings) yield toResult(finding, undefined);
  for (const one of suppressed) yield toResult(one.finding, one);
}

function driverOf({ tool }: ScanResult) {
  const [name = "plimsoll", version = "0"] = tool.split(" ");
  return { name, version, informationUri: "https://www.npmjs.com/package/plimsoll" };
}

function ruleId({ kind, id }: Finding): string {
  return kind === "vulnerability" ? id : `${kind}/${id}`;
}

const levels: Readonly<Record<Severity, string>> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
  negligible: "note",
  unknown: "warning",
};

/** Middle of the range that each word stands for in CVSS. */
const scores: Readonly<Record<Severity, number>> = {
  critical: 9.5,
  high: 8,
  medium: 5.5,
  low: 2,
  negligible: 0.1,
  unknown: 5,
};

function ruleOf(finding: Finding) {
  const hasScore = finding.kind === "vulnerability" && finding.cvssScore >= 0;
  const score = hasScore ? finding.cvssScore : scores[finding.severity];
  const helpUri = finding.kind === "vulnerability" && isWebAddress(finding.url) ? finding.url : undefined;
  return {
    id: ruleId(finding),
    name: finding.kind,
    shortDescription: { text: finding.title || ruleId(finding) },
    fullDescription: { text: finding.title || ruleId(finding) },
    helpUri,
    help: { text: finding.remedy || finding.title || ruleId(finding) },
    defaultConfiguration: { level: levels[finding.severity] },
    properties: { "security-severity": score.toFixed(1), tags: ["security", finding.kind] },
  };
}

function resultsOf(result: ScanResult, ruleIndexes: ReadonlyMap<string, number>) {
  const hide = hidingSecrets(result);
  const image = nameOf(result);
  return (finding: Finding, suppressed: Suppressed | undefined) => ({
    ruleId: ruleId(finding),
    ruleIndex: ruleIndexes.get(ruleId(finding)),
    level: levels[finding.severity],
    message: { text: messageOf(finding) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(finding.path || image) },
          region: { startLine: finding.kind === "secret" ? Math.max(1, finding.line) : 1 },
        },
        message: { text: whereOf(image, finding, hide(lineOfLayer(result, finding.layer))) },
      },
    ],
    partialFingerprints: { "plimsoll/1": fingerprintOf(finding) },
    ...(suppressed === undefined
      ? {}
      : {
          suppressions: [
            {
              kind: "external",
              status: "accepted",
              justification: `${suppressed.status}: ${suppressed.reason || suppressed.source}`,
            },
          ],
        }),
  });
}

function messageOf(finding: Finding): string {
  if (finding.kind !== "vulnerability") return [finding.title || finding.id, finding.remedy].filter(Boolean).join(". ");
  const { id, package: name, version, fixedVersion, fixState, title } = finding;
  const fix = fixedVersion === "" ? fixState : `fixed in ${fixedVersion}`;
  return `${name} ${version}: ${id}${title === "" ? "" : `, ${title}`} (${fix})`;
}

function whereOf(image: string, { layer }: Finding, line: string): string {
  return layer < 0 ? image : `${image}, layer ${layer}${line === "" ? "" : `: ${line}`}`;
}

/** Survives new versions of the tool and other findings beside it, so that a host knows a finding again. */
function fingerprintOf(finding: Finding): string {
  switch (finding.kind) {
    case "vulnerability":
      return hashOf(finding.id, finding.ecosystem, finding.package, finding.version, finding.path);
    case "secret":
      return hashOf(finding.id, finding.path, finding.fingerprint);
    default:
      return hashOf(finding.kind, finding.id, finding.path);
  }
}

/** A relative reference, whatever the path is called. */
function uriOf(path: string): string {
  return path
    .replace(/^\/+/, "")
    .split("/")
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join("/");
}
