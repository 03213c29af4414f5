// A certificate that lived for minutes, a log that remembers it, a trusted root that explains both. The library checks the chain, the timestamps
// and the log; what it leaves open is closed here: roots without a beginning, and the identity, which is compared exactly elsewhere.
// Source: sigstore client specification v1, "Verification".

import { createRequire } from "node:module";
import type { SerializedBundle } from "@sigstore/bundle";
import type { TrustedRoot } from "@sigstore/protobuf-specs";
import type { SignedEntity } from "@sigstore/verify";
import { errorText, PlimsollError } from "../base/errors.ts";
import { lazily } from "../base/lazily.ts";
import type { SignerIdentity } from "../model/trust.ts";
import { invalid } from "./invalid.ts";
import { rootId } from "./key-id.ts";

type KeylessProof = {
  readonly signer: Extract<SignerIdentity, { readonly kind: "keyless" }>;
  readonly signedAtMs: number;
  readonly hasTimestamp: boolean;
  readonly isInLog: boolean;
};

const format = "sigstore-bundle";

/** Signatures by keys need none of them, and they take a while to load. */
const libraries = lazily(() => {
  const require = createRequire(import.meta.url);
  const bundles: typeof import("@sigstore/bundle") = require("@sigstore/bundle");
  const specifications: typeof import("@sigstore/protobuf-specs") = require("@sigstore/protobuf-specs");
  const verification: typeof import("@sigstore/verify") = require("@sigstore/verify");
  return { bundles, specifications, verification };
});

/** @param roots trusted roots as JSON text; all that explain the bundle are told @throws PlimsollError SIGNATURE_INVALID */
export function verifyKeyless(bundle: SerializedBundle, roots: readonly string[]): KeylessProof {
  let last = "the trust file names no trusted root for keyless signatures";
  const proofs: KeylessProof[] = [];
  for (const root of roots) {
    try {
      proofs.push(verifyUnder(bundle, readRoot(root), rootId(root)));
    } catch (thrown) {
      last = errorText(thrown);
    }
  }
  const [proof] = proofs;
  if (proof === undefined) throw invalid(format, last);
  return { ...proof, signer: { ...proof.signer, roots: proofs.flatMap(({ signer }) => signer.roots) } };
}

function verifyUnder(bundle: SerializedBundle, root: TrustedRoot, id: string): KeylessProof {
  const { bundles, verification } = libraries();
  const { toSignedEntity, toTrustMaterial, Verifier } = verification;
  const entity = toSignedEntity(bundles.bundleFromJSON(bundle));
  const isInLog = entity.tlogEntries.length > 0;
  const verifier = new Verifier(toTrustMaterial(root), {
    ...{ ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0, tlogThreshold: isInLog ? 1 : 0, timestampThreshold: 1 },
  });
  const { identity } = verifier.verify(entity);
  const subject = identity?.subjectAlternativeName ?? "";
  const issuer = identity?.extensions?.issuer ?? "";
  if (subject === "" || issuer === "") throw invalid(format, "the certificate names no subject or no issuer");
  const signer = { kind: "keyless", issuer, subject, roots: [id] } as const;
  return { signer, signedAtMs: earliest(entity), hasTimestamp: true, isInLog };
}

/** @throws PlimsollError SIGNATURE_INVALID when nobody should verify by it */
export function checkTrustedRoot(text: string): void {
  try {
    readRoot(text);
  } catch (cause) {
    throw cause instanceof PlimsollError ? cause : invalid(format, `no trusted root: ${errorText(cause)}`, cause);
  }
}

/** An authority whose validity has no beginning would be valid for every time anybody claims. */
function readRoot(text: string): TrustedRoot {
  const root = libraries().specifications.TrustedRoot.fromJSON(JSON.parse(text));
  const spans = [
    ...[...root.certificateAuthorities, ...root.timestampAuthorities].map(({ validFor }) => validFor),
    ...[...root.tlogs, ...root.ctlogs].map(({ publicKey }) => publicKey?.validFor),
  ];
  if (spans.some((span) => span?.start === undefined)) {
    throw invalid(format, "the trusted root has an authority without a beginning of validity");
  }
  return root;
}

/** The signature is at least as old as the earliest time that was verified; a log vouches for its time only by a promise. */
function earliest({ timestamps }: SignedEntity): number {
  const times = timestamps.flatMap((stamp) => {
    if (stamp.$case === "timestamp-authority") return [stamp.timestamp.signingTime.getTime()];
    const { inclusionPromise, integratedTime } = stamp.tlogEntry;
    return inclusionPromise === undefined ? [] : [Number(integratedTime) * 1000];
  });
  return Math.min(...times);
}
