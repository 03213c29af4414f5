// Callers with a client certificate that the listener's authority signed: the URI in it, else its common name.
// Source: RFC 5280 section 4.2.1.6; SPIFFE X.509-SVID section 2 (exactly one URI).

import { createHash, X509Certificate } from "node:crypto";
import { errorText, PlimsollError } from "../../base/errors.ts";
import type { Principal } from "../../model/principal.ts";
import { isPlainName, isUriName } from "../names.ts";
import type { IdentityProvider } from "../provider.ts";

export const mtls: IdentityProvider = {
  name: "mtls",
  summary: "callers with a TLS client certificate: its URI, else its common name; organizational units are groups",
  needs: {},
  identify(peer, settings) {
    if (peer.transport !== "tls" || peer.certificate === undefined) return undefined;
    const certificate = parseCertificate(peer.certificate);
    const keyFingerprint = fingerprint(certificate);
    if (settings.pins.length > 0 && !settings.pins.includes(keyFingerprint)) {
      throw unnamed(`its key ${keyFingerprint} is not among the pinned ones`);
    }
    return toPrincipal(certificate, keyFingerprint);
  },
};

function toPrincipal(certificate: X509Certificate, keyFingerprint: string): Principal {
  const subject = readSubject(certificate);
  const name = uriName(certificate) ?? commonName(subject.names);
  const id = `certificate:${name}`;
  const groups = [...new Set(subject.units.map((unit) => `certificate:${plain("organizational unit", unit)}`))].sort();
  return { id, kind: "certificate", name, groups, owner: id, provider: mtls.name, keyFingerprint };
}

function parseCertificate(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw unnamed(`it cannot be read: ${errorText(cause)}`, cause);
  }
}

function fingerprint(certificate: X509Certificate): string {
  return createHash("sha256")
    .update(certificate.publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
}

/** Node quotes a value that holds a comma, a quote or a control character: such a value is no name for us. */
function uriName(certificate: X509Certificate): string | undefined {
  const uris = splitAlternatives(certificate.subjectAltName ?? "").filter((entry) => entry.startsWith("URI:"));
  const [first, second] = uris.map((entry) => entry.slice("URI:".length));
  if (first === undefined) return undefined;
  if (second !== undefined) throw unnamed("expected one URI, found several");
  if (!isUriName(first)) throw unnamed(`expected an absolute URI without wildcards, found ${JSON.stringify(first)}`);
  return first;
}

/** `DNS:a, URI:"x, y", IP Address:1.2.3.4` -> its entries. */
function splitAlternatives(text: string): readonly string[] {
  return text.match(/(?:[^",]|"(?:[^"\\]|\\.)*")+/g)?.map((entry) => entry.trim()) ?? [];
}

function commonName(names: readonly string[]): string {
  const [name, another] = names;
  if (name === undefined) throw unnamed("expected a URI or a common name, found neither");
  if (another !== undefined) throw unnamed("expected one common name, found several");
  return plain("common name", name);
}

function plain(what: string, name: string): string {
  if (isPlainName(name)) return name;
  throw unnamed(`expected a plain ${what}, found ${JSON.stringify(name)}`);
}

function readSubject(certificate: X509Certificate): {
  readonly names: readonly string[];
  readonly units: readonly string[];
} {
  const subject: Readonly<Record<string, unknown>> = { ...certificate.toLegacyObject().subject };
  return { names: texts(subject["CN"]), units: texts(subject["OU"]) };
}

function texts(value: unknown): readonly string[] {
  return [value].flat().filter((text) => typeof text === "string");
}

function unnamed(why: string, cause?: unknown): PlimsollError {
  return new PlimsollError("NOT_AUTHENTICATED", `client certificate: ${why}`, {
    hint: "ask for a certificate that names you in exactly one way",
    cause,
  });
}
