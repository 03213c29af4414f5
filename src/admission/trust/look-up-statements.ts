// Everything that anybody signed about one digest, in every format, with what holds apart from what does not. Whether the
// signers matter is the judge's question.

import { errorText, PlimsollError } from "../../base/errors.ts";
import type { ArtifactStore } from "../../model/artifact-store.ts";
import type { RejectedStatement, TrustSubject, VerifiedStatement } from "../../model/trust.ts";
import type { Envelope, SignatureFormat, TrustMaterial } from "../../trust/signature-format.ts";
import { signatureFormats } from "../../trust/signature-formats.generated.ts";

export type LookedUp = {
  readonly statements: readonly VerifiedStatement[];
  readonly rejected: readonly RejectedStatement[];
  /** Why it cannot be said what is signed; "" when it can. */
  readonly unreachable: string;
};

/** Of one format; whoever buries a good signature under more bad ones only makes the image unusable. */
const maxEnvelopes = 64;
/** Errors that say something about what was signed; all others say that we could not look. */
const aboutContent: readonly string[] = ["SIGNATURE_INVALID", "MALFORMED_INPUT", "AMBIGUOUS_INPUT"];

export async function lookUpStatements(
  subject: TrustSubject,
  store: ArtifactStore,
  material: TrustMaterial,
  nowMs: number,
): Promise<LookedUp> {
  const looks = signatureFormats.map((format) => lookInFormat(format, subject, store, material, nowMs));
  const all = await Promise.all(looks);
  return {
    statements: all.flatMap(({ statements }) => statements),
    rejected: all.flatMap(({ rejected }) => rejected),
    unreachable: all.map(({ unreachable }) => unreachable).find((why) => why !== "") ?? "",
  };
}

async function lookInFormat(
  format: SignatureFormat,
  subject: TrustSubject,
  store: ArtifactStore,
  material: TrustMaterial,
  nowMs: number,
): Promise<LookedUp> {
  const none = { statements: [], rejected: [], unreachable: "" };
  try {
    const { envelopes, rejected, missing } = await format.find(subject, store, maxEnvelopes);
    const results = await Promise.all(envelopes.map((one) => verifyOne(format, one, subject, material, nowMs)));
    return {
      statements: results.flatMap((result) => ("signer" in result ? [result] : [])),
      rejected: [...rejected, ...results.flatMap((result) => ("why" in result ? [result] : []))],
      unreachable: missing,
    };
  } catch (thrown) {
    const why = reasonOf(thrown, format.name);
    const isContent = thrown instanceof PlimsollError && aboutContent.includes(thrown.code);
    return isContent
      ? { ...none, rejected: [{ format: format.name, why, artifact: "" }] }
      : { ...none, unreachable: why };
  }
}

async function verifyOne(
  format: SignatureFormat,
  envelope: Envelope,
  subject: TrustSubject,
  material: TrustMaterial,
  nowMs: number,
): Promise<VerifiedStatement | RejectedStatement> {
  try {
    return await format.verify(envelope, subject, material, nowMs);
  } catch (thrown) {
    return { format: format.name, why: reasonOf(thrown, format.name), artifact: envelope.artifact };
  }
}

/** The message without the format's name before it, which is told beside it. */
function reasonOf(thrown: unknown, name: string): string {
  const text = errorText(thrown);
  return text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;
}
