// Makes a signature of notation in either envelope and hangs it on the image.
// Source: notaryproject/specifications v1.1, signature-specification.md, "Storage" and "Algorithm Selection".

import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import type { ArtifactStore } from "../../model/artifact-store.ts";
import type { Digest } from "../../model/image.ts";
import { ecdsaToP1363 } from "../ecdsa.ts";
import { invalid } from "../invalid.ts";
import { emptyType, pushReferrer } from "../manifest.ts";
import type { Statement } from "../signature-format.ts";
import type { Signer } from "../signer.ts";
import { type coseType, prepareCose } from "./cose.ts";
import { type AlgorithmName, algorithms, format, writeTarget } from "./envelope.ts";
import { jwsType, prepareJws } from "./jws.ts";

export const artifactType = "application/vnd.cncf.notary.signature";

export async function writeNotation(
  encoding: typeof jwsType | typeof coseType,
  statement: Statement,
  signer: Signer,
  store: ArtifactStore,
): Promise<Digest> {
  if (statement.predicateType !== "") throw invalid(format, "this format carries no attestations");
  if (signer.certificates.length === 0) throw invalid(format, "the key has no certificate, which this format needs");
  const algorithm = algorithmOf(signer.publicKey);
  if (!algorithm.startsWith("ES")) throw invalid(format, "only elliptic-curve keys sign in this format");
  const chain = signer.certificates.map((pem) => new X509Certificate(pem).raw);
  const parts = { payload: writeTarget(statement.subject), chain, algorithm, signedAt: new Date() };
  const prepared = encoding === jwsType ? prepareJws(parts) : prepareCose(parts);
  const der = await signer.sign(prepared.signed, algorithms[algorithm].hash);
  return await pushReferrer(store, {
    ...{ subject: statement.subject, artifactType, configType: emptyType, blobType: encoding },
    blob: prepared.finish(ecdsaToP1363(der, signer.publicKey)),
    annotations: {
      "io.cncf.notary.x509chain.thumbprint#S256": JSON.stringify(chain.map(thumbprint)),
      "org.opencontainers.image.created": `${parts.signedAt.toISOString().slice(0, 19)}Z`,
    },
  });
}

/** The one algorithm that belongs to a key. @throws PlimsollError SIGNATURE_INVALID for keys outside the format */
export function algorithmOf(key: KeyObject): AlgorithmName {
  const { modulusLength = 0, namedCurve = "" } = key.asymmetricKeyDetails ?? {};
  const byCurve = { prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" } as const;
  if (namedCurve === "prime256v1" || namedCurve === "secp384r1" || namedCurve === "secp521r1")
    return byCurve[namedCurve];
  if (key.asymmetricKeyType === "rsa" && modulusLength >= 4096) return "PS512";
  if (key.asymmetricKeyType === "rsa" && modulusLength >= 3072) return "PS384";
  if (key.asymmetricKeyType === "rsa" && modulusLength >= 2048) return "PS256";
  throw invalid(format, "keys of this kind are not part of the format");
}

function thumbprint(der: Uint8Array): string {
  return createHash("sha256").update(der).digest("hex");
}
