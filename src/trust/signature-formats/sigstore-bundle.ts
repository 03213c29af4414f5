// Sigstore bundles v0.3 with a DSSE envelope, as referrers of the image: signed with a key, or keyless with a certificate that a trusted root explains.
// Source: sigstore/protobuf-specs v0.5, sigstore_bundle.proto; sigstore/cosign specs/BUNDLE_SPEC.md.

import { verify as verifySignature } from "node:crypto";
import type { SerializedBundle } from "@sigstore/bundle";
import { PlimsollError } from "../../base/errors.ts";
import { decodeJson, encodeJson } from "../../base/json.ts";
import { anything, array, decode, exactObject, literal, object, optional, string } from "../../base/schema.ts";
import type { ArtifactStore } from "../../model/artifact-store.ts";
import type { Digest } from "../../model/image.ts";
import type { JsonValue } from "../../model/json.ts";
import type { TrustSubject, VerifiedStatement } from "../../model/trust.ts";
import { preAuthEncode, readStatement, signPredicateType, statementPayloadType, writeStatement } from "../dsse.ts";
import { invalid } from "../invalid.ts";
import { keyId, readPublicKey } from "../key-id.ts";
import { hashesOf } from "../key-strength.ts";
import { emptyType, maxSignatureBytes, pushReferrer } from "../manifest.ts";
import { openReferrers } from "../open-referrers.ts";
import { readEnvelopes } from "../read-envelopes.ts";
import type { Envelope, FoundEnvelopes, SignatureFormat, Statement, TrustMaterial } from "../signature-format.ts";
import type { Signer } from "../signer.ts";
import { tagRecordType } from "../tag-record.ts";
import { verifyKeyless } from "../verify-keyless.ts";

const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
/** A bundle too; but cosign 3 takes every statement in a blob of the bundle's own type for a signature, and a record of a tag is none. */
const recordType = "application/vnd.dev.plimsoll.tag-record.v1+json";
const name = "sigstore-bundle";

const envelopeShape = exactObject({
  payload: string,
  payloadType: literal(statementPayloadType),
  signatures: array(exactObject({ sig: string, keyid: optional(string) })),
});

const bundleShape = object({
  mediaType: literal(bundleType, "application/vnd.dev.sigstore.bundle+json;version=0.3"),
  verificationMaterial: object({ publicKey: optional(anything), certificate: optional(anything) }),
  dsseEnvelope: envelopeShape,
});

export const sigstoreBundle: SignatureFormat = {
  name,
  summary: "sigstore bundles v0.3 as referrers, with a key or keyless",
  needs: {},
  find,
  verify,
  write,
};

async function find(subject: TrustSubject, store: ArtifactStore, limit: number): Promise<FoundEnvelopes> {
  const { opened, missing } = await openReferrers(store, subject.digest, [bundleType, recordType]);
  const places = opened.flatMap(({ artifact, manifest }) =>
    manifest.layers
      .filter(({ mediaType }) => mediaType === bundleType || mediaType === recordType)
      .map((layer) => ({ artifact: artifact.digest, layer, parts: {} })),
  );
  return await readEnvelopes(store, { format: name, places, limit, missing });
}

async function verify(envelope: Envelope, subject: TrustSubject, material: TrustMaterial): Promise<VerifiedStatement> {
  const value = readJson(envelope.payload);
  const bundle = decode(bundleShape, value, { code: "SIGNATURE_INVALID", where: name });
  const { publicKey, certificate } = bundle.verificationMaterial;
  if ((publicKey === undefined) === (certificate === undefined)) {
    throw invalid(name, "expected either a key or a certificate, found both or none");
  }
  const [signature] = bundle.dsseEnvelope.signatures;
  if (signature === undefined || bundle.dsseEnvelope.signatures.length !== 1) {
    throw invalid(name, `expected one signature, found ${bundle.dsseEnvelope.signatures.length}`);
  }
  const payload = Buffer.from(bundle.dsseEnvelope.payload, "base64");
  const proof =
    certificate === undefined
      ? verifyWithKeys(payload, Buffer.from(signature.sig, "base64"), material)
      : verifyKeyless(asSerializedBundle(envelope.payload), material.sigstoreRoots);
  const statement = readStatement(name, payload);
  if (statement.digest !== subject.digest) {
    throw invalid(name, `the signature is over another digest, ${statement.digest}`);
  }
  return { format: name, tag: "", ...statement, ...proof };
}

/** The key's hint in the bundle is not signed, so it chooses nothing. */
function verifyWithKeys(payload: Uint8Array, signature: Uint8Array, material: TrustMaterial) {
  const signed = preAuthEncode(statementPayloadType, payload);
  const key = material.keys
    .map((pem) => readPublicKey(pem, "trust material"))
    .find((candidate) => hashesOf(candidate).some((hash) => verifySignature(hash, signed, candidate, signature)));
  if (key === undefined) throw invalid(name, "no key of the trust file made this signature");
  const signer = { kind: "key", keyId: keyId(key) } as const;
  return { signer, signedAtMs: 0, hasTimestamp: false, isInLog: false };
}

function readJson(bytes: Uint8Array): JsonValue {
  try {
    return decodeJson(bytes, { maxBytes: maxSignatureBytes });
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    throw invalid(name, cause.message, cause);
  }
}

/** The library checks every member of what it is given; ours read it strictly before. */
function asSerializedBundle(bytes: Uint8Array): SerializedBundle {
  return JSON.parse(Buffer.from(bytes).toString("utf8"));
}

async function write(statement: Statement, signer: Signer, store: ArtifactStore): Promise<Digest> {
  const payload = writeStatement(statement);
  const signature = await signer.sign(preAuthEncode(statementPayloadType, payload), "sha256");
  const blob = encodeJson({
    mediaType: bundleType,
    verificationMaterial: {
      publicKey: { hint: Buffer.from(keyId(signer.publicKey), "hex").toString("base64") },
      tlogEntries: [],
    },
    // An empty keyid is what cosign accepts: it takes any other for one more signature that it cannot check.
    dsseEnvelope: {
      payload: Buffer.from(payload).toString("base64"),
      payloadType: statementPayloadType,
      signatures: [{ sig: Buffer.from(signature).toString("base64"), keyid: "" }],
    },
  });
  const type = statement.predicateType === tagRecordType ? recordType : bundleType;
  return await pushReferrer(store, {
    ...{ subject: statement.subject, artifactType: type, configType: emptyType, blobType: type, blob },
    annotations: {
      "dev.sigstore.bundle.content": "dsse-envelope",
      "dev.sigstore.bundle.predicateType": statement.predicateType === "" ? signPredicateType : statement.predicateType,
    },
  });
}
