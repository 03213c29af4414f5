// Notary Project signatures ("notation"): JWS or COSE envelopes as referrers, vouched for by a chain of certificates.
// Source: notaryproject/specifications v1.1, signature-specification.md, "Storage" and "Signature Format".

import { constants, type KeyObject, verify as verifySignature } from "node:crypto";
import type { ArtifactStore } from "../../model/artifact-store.ts";
import type { TrustSubject, VerifiedStatement } from "../../model/trust.ts";
import { checkChain } from "../certificate-chain.ts";
import { invalid } from "../invalid.ts";
import { coseType, openCose } from "../notation/cose.ts";
import { algorithms, format, type OpenedEnvelope, readTarget } from "../notation/envelope.ts";
import { jwsType, openJws } from "../notation/jws.ts";
import { algorithmOf, artifactType, writeNotation } from "../notation/write.ts";
import { openReferrers } from "../open-referrers.ts";
import { readEnvelopes } from "../read-envelopes.ts";
import type { Envelope, FoundEnvelopes, SignatureFormat, TrustMaterial } from "../signature-format.ts";

export const notation: SignatureFormat = {
  name: "notation",
  summary: "Notary Project signatures (JWS and COSE) with certificates",
  needs: {},
  find,
  verify,
  write: (statement, signer, store) => writeNotation(jwsType, statement, signer, store),
};

async function find(subject: TrustSubject, store: ArtifactStore, limit: number): Promise<FoundEnvelopes> {
  const { opened, missing } = await openReferrers(store, subject.digest, [artifactType]);
  const signatures = opened.filter(({ manifest }) => manifest.artifactType === artifactType);
  const places = signatures.flatMap(({ artifact, manifest: { layers } }) => {
    const [layer] = layers;
    if (layer === undefined || layers.length !== 1) return [];
    return [{ artifact: artifact.digest, layer, parts: { mediaType: layer.mediaType } }];
  });
  return await readEnvelopes(store, { format, places, limit, missing });
}

async function verify(
  envelope: Envelope,
  subject: TrustSubject,
  material: TrustMaterial,
  nowMs: number,
): Promise<VerifiedStatement> {
  const opened = open(envelope);
  const { key, signer } = checkChain(format, opened.chain, material.roots, nowMs);
  if (!holds(key, opened)) throw invalid(format, "the signature does not fit its certificate");
  if (opened.expiresMs !== 0 && opened.expiresMs <= nowMs) {
    throw invalid(format, `the signature expired on ${new Date(opened.expiresMs).toISOString().slice(0, 10)}`);
  }
  const { repository } = readTarget(opened.payload, subject);
  return {
    ...{ format, signer, digest: subject.digest, repository, tag: "", predicateType: "", predicate: null },
    ...{ signedAtMs: 0, hasTimestamp: false, isInLog: false },
  };
}

function open(envelope: Envelope): OpenedEnvelope {
  const type = envelope.parts["mediaType"] ?? "";
  if (type === jwsType) return openJws(envelope.payload);
  if (type === coseType) return openCose(envelope.payload);
  throw invalid(format, `expected ${jwsType} or ${coseType}, found ${type}`);
}

/** The algorithm has to be the one that belongs to the key, so that an envelope cannot choose a weaker one. */
function holds(key: KeyObject, { algorithm, signed, signature }: OpenedEnvelope): boolean {
  if (algorithm !== algorithmOf(key)) throw invalid(format, `the algorithm ${algorithm} does not belong to this key`);
  const { hash } = algorithms[algorithm];
  if (key.asymmetricKeyType === "ec")
    return verifySignature(hash, signed, { key, dsaEncoding: "ieee-p1363" }, signature);
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return verifySignature(hash, signed, { key, ...padding }, signature);
}
