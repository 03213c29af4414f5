// OpenVEX 0.2.0: what the scan says about each weakness of this image, for others to build on. Suppressed findings keep the status that was given to them.
// Source: github.com/openvex/spec, OPENVEX-SPEC.md v0.2.0.

import { never } from "../../base/errors.ts";
import type { Suppressed, Vulnerability } from "../../model/finding.ts";
import type { ScanResult } from "../../model/scan.ts";
import { affectedBy, type Component, componentsOf } from "../components.ts";
import type { Format } from "../format.ts";
import { jsonDocument, rows } from "../json-pieces.ts";
import { digestOf, imageUrl, nameOf, scanId } from "../subject.ts";

export const openvex: Format = {
  name: "openvex",
  summary: "OpenVEX 0.2.0: a statement for each vulnerability",
  needs: {},
  extension: ".vex.json",
  *render(result) {
    yield* jsonDocument(
      {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": `https://openvex.dev/docs/plimsoll/${scanId(result)}`,
        author: result.tool,
        timestamp: result.scannedAt,
        version: 1,
        statements: rows(() => statementsOf(result)),
      },
      2,
    );
  },
};

function* statementsOf(result: ScanResult) {
  const surroundings = { result, affected: affectedBy(componentsOf(result)) };
  for (const finding of result.findings)
    if (finding.kind === "vulnerability") yield statementOf(finding, undefined, surroundings);
  for (const suppressed of result.suppressed) {
    const { finding } = suppressed;
    if (finding.kind === "vulnerability") yield statementOf(finding, suppressed, surroundings);
  }
}

type Surroundings = {
  readonly result: ScanResult;
  readonly affected: (finding: Vulnerability) => readonly Component[];
};

function statementOf(finding: Vulnerability, suppressed: Suppressed | undefined, { result, affected }: Surroundings) {
  const subcomponents = [...new Set(affected(finding).map(({ purl }) => purl))].map((purl) => ({ "@id": purl }));
  return {
    vulnerability: { name: finding.id, aliases: finding.aliases.length === 0 ? undefined : finding.aliases },
    timestamp: result.scannedAt,
    products: [{ "@id": digestOf(result) === "" ? nameOf(result) : imageUrl(result), subcomponents }],
    ...(suppressed === undefined ? openStatus(finding) : givenStatus(suppressed)),
  };
}

function openStatus({ fixState, fixedVersion, remedy }: Vulnerability) {
  switch (fixState) {
    case "fixed":
      return { status: "affected", action_statement: remedy || `upgrade to ${fixedVersion}` };
    case "under-investigation":
      return { status: "under_investigation" };
    case "unfixed":
    case "deferred":
    case "wont-fix":
    case "end-of-life":
    case "subscription-only":
      return { status: "affected", action_statement: remedy || `no fix is available (${fixState})` };
    default:
      return never(fixState);
  }
}

/** `not_affected` asks for a justification or a statement on the impact, `affected` for an action. */
function givenStatus({ status, reason, source }: Suppressed) {
  if (status === "fixed") return { status };
  if (status === "not_affected") {
    const [justification = "", ...impact] = reason.split(": ");
    if (!justifications.has(justification)) return { status, impact_statement: reason || source };
    return { status, justification, impact_statement: impact.length === 0 ? undefined : impact.join(": ") };
  }
  return { status: "affected", action_statement: `accepted: ${reason || source}` };
}

const justifications: ReadonlySet<string> = new Set([
  "component_not_present",
  "vulnerable_code_not_present",
  "vulnerable_code_not_in_execute_path",
  "vulnerable_code_cannot_be_controlled_by_adversary",
  "inline_mitigations_already_exist",
]);
