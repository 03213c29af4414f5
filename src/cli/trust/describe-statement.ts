// What an attestation says, in the few words that fit into a line of the picture. Its content is the signer's claim.

import { integerAt, listAt, textAt } from "../../base/reading.ts";
import type { VerifiedStatement } from "../../model/trust.ts";
import { readProvenance } from "../../trust/provenance.ts";
import { tagRecordsIn, tagRecordType } from "../../trust/tag-record.ts";

type Description = { readonly what: string; readonly says: string };

/** The text may hold anything: not for a terminal without `printable`. */
export function describeStatement(statement: VerifiedStatement): Description {
  const { predicateType, predicate } = statement;
  if (predicateType === "") return { what: "signed", says: statement.tag === "" ? "" : `for the tag ${statement.tag}` };
  if (predicateType === tagRecordType) return { what: "tag record", says: describeRecord(statement) };
  if (/^https:\/\/slsa\.dev\/provenance\/v/.test(predicateType)) {
    return { what: "provenance", says: describeProvenance(statement) };
  }
  if (predicateType === "https://slsa.dev/verification_summary/v1") {
    return {
      what: "summary",
      says: `${textAt(predicate, "verificationResult")} by ${textAt(predicate, "verifier", "id")}`,
    };
  }
  if (/^https:\/\/cyclonedx\.org\/bom/.test(predicateType)) {
    return { what: "contents", says: `CycloneDX, ${listAt(predicate, "components").length} components` };
  }
  if (/^https:\/\/spdx\.dev\/Document/.test(predicateType)) {
    return { what: "contents", says: `SPDX, ${listAt(predicate, "packages").length} packages` };
  }
  if (/^https:\/\/openvex\.dev\/ns/.test(predicateType)) {
    return { what: "openvex", says: `${listAt(predicate, "statements").length} statements on vulnerabilities` };
  }
  if (/^https:\/\/cosign\.sigstore\.dev\/attestation\/vuln\//.test(predicateType)) {
    return { what: "scan", says: textAt(predicate, "scanner", "uri") };
  }
  return { what: "attested", says: predicateType };
}

function describeRecord(statement: VerifiedStatement): string {
  const [record] = tagRecordsIn([statement]);
  if (record === undefined) return "cannot be read";
  return `${record.tag} is this, until ${record.expires.slice(0, 10)} (number ${integerAt(record, "counter")})`;
}

function describeProvenance({ predicate }: VerifiedStatement): string {
  const { builder, source, revision } = readProvenance(predicate);
  const from = source === "" ? "" : ` from ${source}${revision === "" ? "" : ` at ${revision.slice(0, 12)}`}`;
  return `${builder === "" ? "built by nobody knows whom" : `built by ${builder}`}${from}`;
}
