// notation's JWS envelope: flattened JSON serialization, one signature, the certificates in the header that is not signed.
// Source: notaryproject/specifications v1.1, signature-envelope-jws.md; RFC 7515.

import { encodeJson } from "../../base/json.ts";
import { array, decode, exactObject, object, optional, string } from "../../base/schema.ts";
import { invalid } from "../invalid.ts";
import {
  type AlgorithmName,
  checkCritical,
  expiryHeader,
  format,
  type OpenedEnvelope,
  payloadType,
  readAlgorithm,
  readJson,
  scheme,
  schemeHeader,
  timeHeader,
} from "./envelope.ts";

export const jwsType = "application/jose+json";

const envelopeShape = exactObject({
  payload: string,
  protected: string,
  header: object({ x5c: array(string) }),
  signature: string,
});

/** Exact: a header that we do not know could be `b64`, or whatever comes next. */
const protectedShape = exactObject({
  alg: string,
  cty: string,
  crit: array(string),
  [schemeHeader]: string,
  [timeHeader]: optional(string),
  [expiryHeader]: optional(string),
});

/** @throws PlimsollError SIGNATURE_INVALID */
export function openJws(bytes: Uint8Array): OpenedEnvelope {
  const context = { code: "SIGNATURE_INVALID", where: format } as const;
  const envelope = decode(envelopeShape, readJson(bytes), context);
  const header = decode(protectedShape, readJson(fromBase64Url(envelope.protected)), context);
  checkCritical(header.crit, (name) => Object.hasOwn(header, name));
  if (header.cty !== payloadType)
    throw invalid(format, `expected the content type ${payloadType}, found ${header.cty}`);
  if (header[schemeHeader] !== scheme)
    throw invalid(format, `the signing scheme ${header[schemeHeader]} is not supported`);
  const expiry = header[expiryHeader];
  return {
    payload: fromBase64Url(envelope.payload),
    chain: envelope.header.x5c.map((text) => Buffer.from(text, "base64")),
    expiresMs: expiry === undefined ? 0 : readTime(expiry),
    signed: Buffer.from(`${envelope.protected}.${envelope.payload}`, "ascii"),
    signature: fromBase64Url(envelope.signature),
    algorithm: readAlgorithm(header.alg),
  };
}

export type JwsParts = {
  readonly payload: Uint8Array;
  readonly chain: readonly Uint8Array[];
  readonly algorithm: AlgorithmName;
  readonly signedAt: Date;
};

/** The bytes to sign, and what makes an envelope of them. */
export function prepareJws(parts: JwsParts): { signed: Uint8Array; finish: (signature: Uint8Array) => Uint8Array } {
  const header = encodeJson({
    ...{ alg: parts.algorithm, cty: payloadType, crit: [schemeHeader], [schemeHeader]: scheme },
    [timeHeader]: `${parts.signedAt.toISOString().slice(0, 19)}Z`,
  });
  const protectedText = toBase64Url(header);
  const payload = toBase64Url(parts.payload);
  return {
    signed: Buffer.from(`${protectedText}.${payload}`, "ascii"),
    finish: (signature) =>
      encodeJson({
        ...{ payload, protected: protectedText, signature: toBase64Url(signature) },
        header: {
          x5c: parts.chain.map((der) => Buffer.from(der).toString("base64")),
          "io.cncf.notary.signingAgent": "plimsoll",
        },
      }),
  };
}

function readTime(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalid(format, `expected a time, found ${JSON.stringify(text.slice(0, 40))}`);
  return time;
}

/** One spelling for one value: no padding, no spare bits, no other alphabet. */
function fromBase64Url(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) throw invalid(format, "a part of the envelope is not base64url");
  return bytes;
}

function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
