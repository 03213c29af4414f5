// GPG simple signing, as podman and skopeo have long written it: a signed OpenPGP message in a folder beside the registry. Read only.
// Source: containers/image docs/containers-signature.5.md.

import { PlimsollError } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";
import { formatReference, parseReference } from "../../base/reference.ts";
import { decode, exactObject, literal, object, string } from "../../base/schema.ts";
import type { ArtifactStore } from "../../model/artifact-store.ts";
import type { TrustSubject, VerifiedStatement } from "../../model/trust.ts";
import { openSignedMessage } from "../gpgv.ts";
import { invalid } from "../invalid.ts";
import { tooMany } from "../read-envelopes.ts";
import type { Envelope, FoundEnvelopes, SignatureFormat, TrustMaterial } from "../signature-format.ts";

const format = "simple-signing";

const payloadShape = object({
  critical: exactObject({
    identity: exactObject({ "docker-reference": string }),
    image: exactObject({ "docker-manifest-digest": string }),
    type: literal("atomic container signature"),
  }),
});

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
  const { digest, repository, tag } = readPayload(opened.payload);
  if (digest !== subject.digest) throw invalid(format, `the signature is over another digest, ${digest}`);
  return {
    ...{ format, signer: { kind: "gpg", fingerprint: opened.fingerprint }, digest, repository, tag },
    // The time in the signature is the signer's own claim.
    ...{ predicateType: "", predicate: null, signedAtMs: 0, hasTimestamp: false, isInLog: false },
  };
}

function readPayload(bytes: Uint8Array): { digest: string; repository: string; tag: string } {
  try {
    const value = decodeJson(bytes, { maxBytes: 64 * 1024 });
    const { critical } = decode(payloadShape, value, { code: "SIGNATURE_INVALID", where: "payload" });
    const named = parseReference(critical.identity["docker-reference"]);
    return {
      digest: critical.image["docker-manifest-digest"],
      repository: formatReference({ domain: named.domain, path: named.path }),
      tag: named.tag ?? "",
    };
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    throw invalid(format, cause.message, cause);
  }
}
