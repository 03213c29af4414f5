// What has to be attested beside the signature: provenance, a bill of materials, a scan.

import type { TrustSubject, VerifiedStatement } from "../model/trust.ts";
import type { AttestationDemand, TrustFile, TrustRule } from "./file/trust-file.ts";
import { readProvenance } from "./provenance.ts";
import { countSigners, describeThreshold } from "./tally.ts";

type Attested = {
  readonly subject: TrustSubject;
  readonly statements: readonly VerifiedStatement[];
  readonly nowMs: number;
};

/** @returns one sentence about the first demand that is not met */
export function missingAttestation(attested: Attested, rule: TrustRule, file: TrustFile): string | undefined {
  for (const demand of rule.attestations) {
    // An attestation says what it is about by digest; repositories are bound by the signature itself.
    const context = { ...attested, file, rule: { ...rule, binds: "any" as const } };
    const meeting = attested.statements.filter((statement) => meets(statement, demand));
    const tally = countSigners(meeting, demand.signers, context);
    if (tally.names.length < demand.signers.needed) return sentence(attested, demand, tally.dismissed);
  }
  return undefined;
}

function meets(statement: VerifiedStatement, demand: AttestationDemand): boolean {
  if (statement.predicateType !== demand.predicateType) return false;
  const { builder, source } = readProvenance(statement.predicate);
  return (
    (demand.builderId === "" || builder === demand.builderId) && (demand.source === "" || source === demand.source)
  );
}

function sentence(attested: Attested, demand: AttestationDemand, dismissed: readonly string[]): string {
  const ofType = attested.statements.filter(({ predicateType }) => predicateType === demand.predicateType);
  const wanted = `needs an attestation ${demand.predicateType} with ${describeThreshold(demand.signers)}`;
  if (ofType.length === 0) return `${wanted}; there is none`;
  const [first] = dismissed;
  if (first !== undefined) return `${wanted}; not counted: ${first}`;
  const builder = demand.builderId === "" ? "" : ` built by ${demand.builderId}`;
  const source = demand.source === "" ? "" : ` from ${demand.source}`;
  return `${wanted}${builder}${source}; the one there says otherwise`;
}
