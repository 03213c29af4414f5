// notation's COSE envelope: COSE_Sign1 with tag 18. Read strictly: no duplicate labels, no indefinite lengths, nothing unknown that is critical.
// Source: notaryproject/specifications v1.1, signature-envelope-cose.md; RFC 9052 section 4.2; RFC 8949.

import { decode as decodeCbor, encode as encodeCbor, Tagged } from "cborg";
import { errorText } from "../../base/errors.ts";
import { invalid } from "../invalid.ts";
import {
  type AlgorithmName,
  algorithms,
  checkCritical,
  expiryHeader,
  format,
  type OpenedEnvelope,
  payloadType,
  readAlgorithm,
  scheme,
  schemeHeader,
  timeHeader,
} from "./envelope.ts";

export const coseType = "application/cose";

const algorithmLabel = 1;
const criticalLabel = 2;
const contentTypeLabel = 3;
const chainLabel = 33;
const sign1Tag = 18;
const timeTag = 1;

/** @throws PlimsollError SIGNATURE_INVALID */
export function openCose(bytes: Uint8Array): OpenedEnvelope {
  const whole = read(bytes);
  const parts: unknown = whole instanceof Tagged && whole.tag === sign1Tag ? whole.value : undefined;
  if (!Array.isArray(parts) || parts.length !== 4) throw invalid(format, "expected a COSE_Sign1 message with its tag");
  const [protectedBytes, unprotected, payload, signature]: readonly unknown[] = parts;
  if (!(protectedBytes instanceof Uint8Array && payload instanceof Uint8Array && signature instanceof Uint8Array)) {
    throw invalid(format, "expected bytes as protected header, payload and signature");
  }
  const header = asMap(read(protectedBytes));
  checkHeader(header);
  const expiry = header.get(expiryHeader);
  return {
    payload,
    chain: readChain(asMap(unprotected).get(chainLabel)),
    expiresMs: expiry === undefined ? 0 : readTime(expiry),
    signed: toBeSigned(protectedBytes, payload),
    signature,
    algorithm: nameOf(header.get(algorithmLabel)),
  };
}

export type CoseParts = {
  readonly payload: Uint8Array;
  readonly chain: readonly Uint8Array[];
  readonly algorithm: AlgorithmName;
  readonly signedAt: Date;
};

/** The bytes to sign, and what makes an envelope of them. */
export function prepareCose(parts: CoseParts): { signed: Uint8Array; finish: (signature: Uint8Array) => Uint8Array } {
  const header = encodeCbor(
    new Map<unknown, unknown>([
      [algorithmLabel, algorithms[parts.algorithm].cose],
      [criticalLabel, [schemeHeader]],
      [contentTypeLabel, payloadType],
      [schemeHeader, scheme],
      [timeHeader, new Tagged(timeTag, Math.floor(parts.signedAt.getTime() / 1000))],
    ]),
  );
  const unprotected = new Map<unknown, unknown>([
    [chainLabel, parts.chain],
    ["io.cncf.notary.signingAgent", "plimsoll"],
  ]);
  return {
    signed: toBeSigned(header, parts.payload),
    finish: (signature) => encodeCbor(new Tagged(sign1Tag, [header, unprotected, parts.payload, signature])),
  };
}

function checkHeader(header: ReadonlyMap<unknown, unknown>): void {
  const critical = header.get(criticalLabel);
  checkCritical(Array.isArray(critical) ? critical : [], (name) => header.has(name));
  if (header.get(contentTypeLabel) !== payloadType) throw invalid(format, `expected the content type ${payloadType}`);
  if (header.get(schemeHeader) !== scheme) throw invalid(format, "the signing scheme is not supported");
}

/** Source: RFC 9052 section 4.4, Sig_structure with an empty external_aad. */
function toBeSigned(header: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(["Signature1", header, new Uint8Array(0), payload]);
}

function readChain(value: unknown): readonly Uint8Array[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const chain = list.filter((item) => item instanceof Uint8Array);
  if (chain.length !== list.length) throw invalid(format, "expected certificates as bytes");
  return chain;
}

function readTime(value: unknown): number {
  const seconds: unknown = value instanceof Tagged && value.tag === timeTag ? value.value : value;
  if (typeof seconds !== "number" || !Number.isSafeInteger(seconds))
    throw invalid(format, "expected a time in seconds");
  return seconds * 1000;
}

function nameOf(label: unknown): AlgorithmName {
  const found = Object.entries(algorithms).find(([, { cose }]) => cose === label);
  return readAlgorithm(found?.[0] ?? label);
}

function asMap(value: unknown): ReadonlyMap<unknown, unknown> {
  if (!(value instanceof Map)) throw invalid(format, "expected a map of headers");
  return value;
}

function read(bytes: Uint8Array): unknown {
  try {
    return decodeCbor(bytes, {
      ...{ allowIndefinite: false, rejectDuplicateMapKeys: true, useMaps: true, strict: true },
      tags: Tagged.preserve(sign1Tag, timeTag),
    });
  } catch (cause) {
    throw invalid(format, `the envelope is not strict CBOR: ${errorText(cause)}`, cause);
  }
}
