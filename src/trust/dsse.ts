// DSSE envelopes with in-toto statements: bytes that say what they are about, and are signed together with their type.
// Source: secure-systems-lab/dsse v1.0.2, protocol.md (PAE); in-toto attestation v1.1, statement.md.

import { PlimsollError } from "../base/errors.ts";
import { decodeJson, encodeJson } from "../base/json.ts";
import { fieldAt } from "../base/reading.ts";
import { anything, array, decode, literal, object, optional, record, string } from "../base/schema.ts";
import type { Digest } from "../model/image.ts";
import type { JsonValue } from "../model/json.ts";
import { invalid } from "./invalid.ts";
import type { Statement } from "./signature-format.ts";

export const statementPayloadType = "application/vnd.in-toto+json";
const statementType = "https://in-toto.io/Statement/v1";

/** What cosign 3 calls a plain signature when it is written as a statement. */
export const signPredicateType = "https://sigstore.dev/cosign/sign/v1";

/** Annotation of our own statements that binds the repository, which the format has no place for. */
export const repositoryKey = "dev.plimsoll.repository";

const shape = object({
  _type: literal(statementType, "https://in-toto.io/Statement/v0.1"),
  subject: array(object({ digest: record(string), annotations: optional(record(string)) })),
  predicateType: string,
  predicate: anything,
});

/** Pre-authentication encoding: type and body with their lengths, so that neither can lend bytes to the other. */
export function preAuthEncode(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, "utf8");
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `, "utf8"),
    type,
    Buffer.from(` ${payload.byteLength} `, "utf8"),
    payload,
  ]);
}

export type ReadStatement = {
  readonly digest: Digest;
  /** "" for a plain signature. */
  readonly predicateType: string;
  readonly predicate: JsonValue;
  readonly repository: string;
};

/**
 * A statement about exactly one thing, named by sha256.
 * @throws PlimsollError SIGNATURE_INVALID
 */
export function readStatement(format: string, payload: Uint8Array): ReadStatement {
  const value = readJson(format, payload);
  const statement = decode(shape, value, { code: "SIGNATURE_INVALID", where: `${format}: statement` });
  const [subject] = statement.subject;
  if (subject === undefined || statement.subject.length !== 1) {
    throw invalid(format, `expected a statement about one thing, found ${statement.subject.length}`);
  }
  const sha256 = subject.digest["sha256"] ?? "";
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw invalid(format, "the statement does not name its subject by sha256");
  const isPlain = statement.predicateType === signPredicateType;
  return {
    digest: `sha256:${sha256}`,
    predicateType: isPlain ? "" : statement.predicateType,
    predicate: memberOf(value, "predicate"),
    repository: subject.annotations?.[repositoryKey] ?? "",
  };
}

export function writeStatement({ subject, predicateType, predicate }: Statement): Uint8Array {
  return encodeJson({
    _type: statementType,
    subject: [{ digest: { sha256: subject.digest.slice(7) }, annotations: { [repositoryKey]: subject.repository } }],
    predicateType: predicateType === "" ? signPredicateType : predicateType,
    predicate: predicateType === "" ? {} : predicate,
  });
}

function readJson(format: string, payload: Uint8Array): JsonValue {
  try {
    return decodeJson(payload, { maxBytes: 16 * 1024 * 1024, duplicates: "exact" });
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    throw invalid(format, cause.message, cause);
  }
}

function memberOf(value: JsonValue, name: string): JsonValue {
  const entries: readonly (readonly [string, JsonValue])[] =
    fieldAt(value, name) === undefined || value === null || typeof value !== "object" ? [] : Object.entries(value);
  return entries.find(([key]) => key === name)?.[1] ?? null;
}
