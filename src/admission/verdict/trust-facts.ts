// Who vouches for an image, as the facts that policies see.

import type { ProvenanceFacts, TrustFacts } from "../../model/facts.ts";
import type { TrustVerdict } from "../../model/trust.ts";
import type { TrustFile } from "../../trust/file/trust-file.ts";
import { provenanceFacts } from "../../trust/provenance.ts";
import { nameOfSigner } from "../../trust/tally.ts";
import type { MadeImage } from "../trust/made-images.ts";

const dayMs = 86_400_000;

/** Nobody asked: there is no trust file, or the call did not wait for the answer. */
export const unknownTrust: TrustFacts = {
  ...{ trust: "unknown", trustReason: "", signers: [], signedDaysAgo: -1, tagCounter: 0 },
  ...{ origin: "unknown", madeBy: "", basesTrusted: false },
};

/** @param made what is known of how the image was made here */
export function trustFacts(
  verdict: TrustVerdict,
  made: MadeImage | undefined,
  file: TrustFile,
  nowMs: number,
): TrustFacts & ProvenanceFacts {
  const { state, reason, signers, tagCounter, subject } = verdict;
  const isFromRegistry = subject.repository !== "" && made === undefined;
  return {
    ...{ trust: state, trustReason: reason, tagCounter },
    signers: [...signers].sort(),
    signedDaysAgo: daysSinceSigned(verdict, file, nowMs),
    origin: made?.how ?? (isFromRegistry ? "registry" : "unknown"),
    madeBy: made?.by ?? "",
    basesTrusted: made !== undefined && made.bases.length > 0 && made.bases.every(({ isTrusted }) => isTrusted),
    ...provenanceFacts({ file, subject, statements: verdict.statements, nowMs }),
  };
}

/** By the newest trusted timestamp of those who count; -1 when nobody vouches for the time. */
function daysSinceSigned({ statements, signers }: TrustVerdict, file: TrustFile, nowMs: number): number {
  const times = statements
    .filter(({ signer, predicateType }) => predicateType === "" && signers.includes(nameOfSigner(signer, file) ?? ""))
    .map(({ signedAtMs }) => signedAtMs);
  const newest = Math.max(0, ...times);
  return newest === 0 ? -1 : Math.max(0, Math.floor((nowMs - newest) / dayMs));
}
