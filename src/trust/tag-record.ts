// A signed note "this tag is this digest, and it is note number N": what tells a tag that was set back from one that was never moved.
// Predicate of an in-toto statement whose subject is the digest. Times are RFC 3339.

import { type Decoded, decode, integer, object, string } from "../base/schema.ts";
import type { VerifiedStatement } from "../model/trust.ts";

export const tagRecordType = "https://plimsoll.dev/attestation/tag-record/v1";

const shape = object({ repository: string, tag: string, counter: integer, issued: string, expires: string });

export type TagRecord = Decoded<typeof shape> & { readonly statement: VerifiedStatement };

/** The records among statements that can be read; one that cannot is no record. */
export function tagRecordsIn(statements: readonly VerifiedStatement[]): readonly TagRecord[] {
  return statements.filter(({ predicateType }) => predicateType === tagRecordType).flatMap(readRecord);
}

function readRecord(statement: VerifiedStatement): readonly TagRecord[] {
  try {
    const record = decode(shape, statement.predicate, { code: "SIGNATURE_INVALID", where: "tag record" });
    const isWhole = record.counter > 0 && !Number.isNaN(Date.parse(record.expires));
    return isWhole ? [{ ...record, statement }] : [];
  } catch {
    return [];
  }
}
