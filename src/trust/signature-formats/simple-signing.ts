// GPG simple signing, as podman and skopeo have long written it: a signed OpenPGP message in a folder beside the registry. Read only.
// Source: containers/image docs/containers-signature.5.md.

import type { ArtifactStore } from "../../model/artifact-store.ts";
import type { TrustSubject, VerifiedStatement } from "../../model/trust.ts";
import { openSignedMessage } from "../gpgv.ts";
import { invalid } from "../invalid.ts";
import { tooMany } from "../read-envelopes.ts";
import type { Envelope, FoundEnvelopes, SignatureFormat, TrustMaterial } from "../signature-format.ts";
import { readSimplePayload } from "../simple-payload.ts";

const format = "simple-signing";
const payloadKind = "atomic container signature";

export const simpleSigning: SignatureFormat = {
  name: format,
  summary: "GPG signatures of podman and skopeo, from a lookaside folder",
  needs: { programs: ["gpgv"] },
  find,
  verify,
};

async function find(subject: TrustSubject, store: ArtifactStore, limit: number): Promise<FoundEnvelopes> {
  const envelopes: Envelope[] = [];
  for (let count = 1; store.lookaside !== undefined; count += 1) {
    const payload = await store.lookaside(subject.digest, count);
    if (payload === undefined) break;
    if (count > limit) return { envelopes, rejected: [], missing: tooMany(count, limit) };
    envelopes.push({ format, artifact: "", payload, parts: {} });
  }
  return { envelopes, rejected: [], missing: "" };
}

async function verify(envelope: Envelope, subject: TrustSubject, material: TrustMaterial): Promise<VerifiedStatement> {
  if (material.openPgpKeys.length === 0) throw invalid(format, "the trust file names no GPG key");
  const opened = await openSignedMessage(envelope.payload, material.openPgpKeys);
  if (opened === undefined) throw invalid(format, "no key of the trust file made this signature");
  const { digest, repository, tag } = readSimplePayload(format, payloadKind, opened.payload);
  if (digest !== subject.digest) throw invalid(format, `the signature is over another digest, ${digest}`);
  return {
    ...{ format, signer: { kind: "gpg", fingerprint: opened.fingerprint }, digest, repository, tag },
    // The time in the signature is the signer's own claim.
    ...{ predicateType: "", predicate: null, signedAtMs: 0, hasTimestamp: false, isInLog: false },
  };
}
