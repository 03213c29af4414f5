// Classic cosign signatures: a manifest under the tag `sha256-HEX.sig` whose layers are simple-signing payloads, the signatures in annotations.
// Source: sigstore/cosign specs/SIGNATURE_SPEC.md; containers/image docs/containers-signature.5.md for the payload.

import { type KeyObject, verify as verifySignature } from "node:crypto";
import { encodeJson } from "../../base/json.ts";
import type { Artifact, ArtifactDescriptor, ArtifactStore } from "../../model/artifact-store.ts";
import type { Digest } from "../../model/image.ts";
import type { TrustSubject, VerifiedStatement } from "../../model/trust.ts";
import { invalid } from "../invalid.ts";
import { keyId, readPublicKey } from "../key-id.ts";
import { hashesOf } from "../key-strength.ts";
import { manifestType, readSignatureManifest, tagOfDigest } from "../manifest.ts";
import { readEnvelopes } from "../read-envelopes.ts";
import type { Envelope, FoundEnvelopes, SignatureFormat, Statement, TrustMaterial } from "../signature-format.ts";
import type { Signer } from "../signer.ts";
import { cosignPayloadKind, readSimplePayload } from "../simple-payload.ts";

const payloadType = "application/vnd.dev.cosign.simplesigning.v1+json";
const configType = "application/vnd.oci.image.config.v1+json";
const signatureKey = "dev.cosignproject.cosign/signature";

export const cosign: SignatureFormat = {
  name: "cosign",
  summary: "classic cosign signatures made with a key, under the tag sha256-HEX.sig",
  needs: {},
  find,
  verify,
  write,
};

async function find(subject: TrustSubject, store: ArtifactStore, limit: number): Promise<FoundEnvelopes> {
  const manifest = await store.manifest(`${tagOfDigest(subject.digest)}.sig`);
  if (manifest === undefined) return { envelopes: [], rejected: [], missing: "" };
  const layers = readSignatureManifest(manifest).layers.filter(({ mediaType }) => mediaType === payloadType);
  const places = layers.map((layer) => ({
    ...{ artifact: manifest.digest, layer },
    parts: { signature: layer.annotations[signatureKey] ?? "" },
  }));
  return await readEnvelopes(store, { format: "cosign", places, limit, missing: "" });
}

async function verify(envelope: Envelope, subject: TrustSubject, material: TrustMaterial): Promise<VerifiedStatement> {
  const signature = readBase64(envelope.parts["signature"] ?? "");
  const key = material.keys
    .map((pem) => readPublicKey(pem, "trust material"))
    .find((candidate) => holds(candidate, envelope.payload, signature));
  if (key === undefined) throw invalid("cosign", "no key of the trust file made this signature");
  const payload = readSimplePayload("cosign", cosignPayloadKind, envelope.payload);
  if (payload.digest !== subject.digest)
    throw invalid("cosign", `the signature is over another digest, ${payload.digest}`);
  return {
    ...{ format: "cosign", signer: { kind: "key", keyId: keyId(key) }, digest: payload.digest },
    ...{ repository: payload.repository, tag: payload.tag, predicateType: "", predicate: null },
    ...{ signedAtMs: 0, hasTimestamp: false, isInLog: false },
  };
}

function holds(key: KeyObject, payload: Uint8Array, signature: Uint8Array): boolean {
  return hashesOf(key).some((hash) => verifySignature(hash, payload, key, signature));
}

function readBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 0 || bytes.toString("base64") !== text) throw invalid("cosign", "the signature is not base64");
  return bytes;
}

async function write(statement: Statement, signer: Signer, store: ArtifactStore): Promise<Digest> {
  const { subject } = statement;
  if (statement.predicateType !== "") throw invalid("cosign", "the classic format carries no attestations");
  const payload = encodeJson({
    critical: {
      identity: { "docker-reference": subject.repository },
      image: { "docker-manifest-digest": subject.digest },
      type: cosignPayloadKind,
    },
    optional: null,
  });
  const signature = Buffer.from(await signer.sign(payload, "sha256")).toString("base64");
  const tag = `${tagOfDigest(subject.digest)}.sig`;
  const layer = {
    ...{ mediaType: payloadType, size: payload.byteLength, digest: await store.putBlob(payload) },
    annotations: { [signatureKey]: signature },
  };
  return await store.updateManifest(tag, {
    isIn: (there) => layersOf(there).some((each) => isSame(each, layer)),
    // What others signed stays.
    change: async (there) => await manifestOf(store, [...(there === undefined ? [] : layersOf(there)), layer]),
  });
}

type SignatureLayer = Pick<ArtifactDescriptor, "mediaType" | "size" | "digest" | "annotations">;

async function manifestOf(store: ArtifactStore, layers: readonly SignatureLayer[]) {
  const config = encodeJson(emptyImage(layers.map(({ digest }) => digest)));
  const bytes = encodeJson({
    ...{ schemaVersion: 2, mediaType: manifestType },
    config: { mediaType: configType, size: config.byteLength, digest: await store.putBlob(config) },
    layers,
  });
  return { bytes, mediaType: manifestType };
}

function isSame(left: SignatureLayer, right: SignatureLayer): boolean {
  return left.digest === right.digest && left.annotations[signatureKey] === right.annotations[signatureKey];
}

function layersOf(there: Artifact): readonly SignatureLayer[] {
  return readSignatureManifest(there).layers.map(({ mediaType, size, digest, annotations }) => ({
    ...{ mediaType, size, digest, annotations },
  }));
}

/** The config that cosign writes; some registries want one that looks like an image's. */
function emptyImage(diffIds: readonly Digest[]) {
  const created = "0001-01-01T00:00:00Z";
  return {
    ...{ architecture: "", created, history: diffIds.map(() => ({ created })), os: "" },
    ...{ rootfs: { type: "layers", diff_ids: diffIds }, config: {} },
  };
}
