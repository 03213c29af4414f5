// A chain of certificates, leaf first, up to a root that the trust file names byte for byte.
// Source: RFC 5280 section 6.1 (the part without policies and name constraints, which are refused); notaryproject signature-specification.md,
// "Certificate Requirements".

import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import { createRequire } from "node:module";
import type { X509Certificate as ParsedCertificate } from "@sigstore/core";
import { errorText } from "../base/errors.ts";
import { lazily } from "../base/lazily.ts";
import type { SignerIdentity } from "../model/trust.ts";
import { invalid } from "./invalid.ts";
import { weaknessOf } from "./key-strength.ts";

const maxLength = 8;
const codeSigning = "1.3.6.1.5.5.7.3.3";
/** Extensions that we understand; any other that is critical is a reason to refuse (RFC 5280, 4.2). */
const understood = new Set(["2.5.29.15", "2.5.29.19", "2.5.29.37", "2.5.29.14", "2.5.29.35", "2.5.29.17"]);

export type CheckedChain = {
  readonly key: KeyObject;
  readonly signer: SignerIdentity;
};

/** Only signatures with certificates need it. */
const library = lazily((): typeof import("@sigstore/core") => createRequire(import.meta.url)("@sigstore/core"));

type Link = { readonly native: X509Certificate; readonly parsed: ParsedCertificate };

/**
 * @param chain DER, leaf first; @param roots PEM
 * @throws PlimsollError SIGNATURE_INVALID
 */
export function checkChain(
  format: string,
  chain: readonly Uint8Array[],
  roots: readonly string[],
  atMs: number,
): CheckedChain {
  if (chain.length === 0 || chain.length > maxLength) {
    throw invalid(format, `expected 1 to ${maxLength} certificates, found ${chain.length}`);
  }
  const links = chain.map((der) => readLink(format, der));
  const root = rootOf(format, links, roots);
  const whole = links.some(({ native }) => native.fingerprint256 === root.native.fingerprint256)
    ? links
    : [...links, root];
  for (const [depth, link] of whole.entries()) checkLink(format, link, whole[depth + 1], depth, atMs);
  const [leaf] = whole;
  if (leaf === undefined) throw invalid(format, "the chain is empty");
  checkLeaf(format, leaf, whole.length === 1);
  const fingerprint = createHash("sha256").update(root.native.raw).digest("hex");
  return {
    key: leaf.native.publicKey,
    signer: { kind: "certificate", subject: subjectOf(leaf.native), root: fingerprint },
  };
}

/** One line, attributes in the certificate's own order; commas inside values are escaped by the library. */
export function subjectOf(certificate: X509Certificate): string {
  return certificate.subject.split("\n").join(", ");
}

function readLink(format: string, der: Uint8Array): Link {
  try {
    const bytes = Buffer.from(der);
    const native = new X509Certificate(bytes);
    if (!native.raw.equals(bytes)) throw invalid(format, "a certificate with bytes behind its end");
    return { native, parsed: library().X509Certificate.parse(bytes) };
  } catch (cause) {
    throw invalid(format, `a certificate cannot be read: ${errorText(cause)}`, cause);
  }
}

/** The root that ends the chain, or that issued its last member. Nothing that came with the signature is a root by itself. */
function rootOf(format: string, links: readonly Link[], roots: readonly string[]): Link {
  const last = links.at(-1);
  const trusted = roots.map((pem) => readLink(format, new X509Certificate(pem).raw));
  const found = trusted.find(
    ({ native }) =>
      last !== undefined &&
      (native.raw.equals(last.native.raw) || (last.native.checkIssued(native) && last.native.verify(native.publicKey))),
  );
  if (found === undefined) throw invalid(format, "the certificate chain does not end at a root of the trust file");
  return found;
}

function checkLink(
  format: string,
  { native, parsed }: Link,
  issuer: Link | undefined,
  depth: number,
  atMs: number,
): void {
  const name = subjectOf(native);
  if (!parsed.validForDate(new Date(atMs))) {
    throw invalid(format, `the certificate ${name} is valid from ${native.validFrom} to ${native.validTo}`);
  }
  const unknown = parsed.extensions.map((extension) => extension.subs[0]?.toOID() ?? "");
  const critical = unknown.find((oid) => !understood.has(oid) && parsed.extension(oid)?.critical === true);
  if (critical !== undefined) throw invalid(format, `the certificate ${name} has the critical extension ${critical}`);
  const weakness = native.publicKey.asymmetricKeyType === "ed25519" ? "Ed25519" : weaknessOf(native.publicKey);
  if (weakness !== "") throw invalid(format, `the key of ${name} is not taken: ${weakness}`);
  if (issuer === undefined) return;
  const length = issuer.parsed.extBasicConstraints?.pathLenConstraint;
  const isAuthority =
    issuer.parsed.extBasicConstraints?.isCA === true && issuer.parsed.extKeyUsage?.keyCertSign === true;
  if (!isAuthority) throw invalid(format, `${subjectOf(issuer.native)} is no authority, yet it issued ${name}`);
  if (length !== undefined && BigInt(depth) > length)
    throw invalid(format, `the chain below ${subjectOf(issuer.native)} is too long`);
  if (!native.checkIssued(issuer.native) || !native.verify(issuer.native.publicKey)) {
    throw invalid(format, `${name} was not issued by ${subjectOf(issuer.native)}`);
  }
}

/** Source: notaryproject signature-specification.md: the leaf signs code and nothing else. */
function checkLeaf(format: string, { native, parsed }: Link, isAlone: boolean): void {
  const name = subjectOf(native);
  if (native.ca && !isAlone) throw invalid(format, `${name} is an authority; it may not sign images itself`);
  if (parsed.extKeyUsage?.digitalSignature !== true) throw invalid(format, `${name} may not make digital signatures`);
  const purposes = native.keyUsage ?? [];
  if (purposes.length > 0 && !purposes.includes(codeSigning)) throw invalid(format, `${name} is not for signing code`);
}
