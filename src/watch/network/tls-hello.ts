// The first messages of TLS: the name that a client asks for, and the certificate that a server shows (TLS 1.3 hides it).
// Source: RFC 8446, section 4.1.2; RFC 6066, section 3 (server_name); RFC 7301 (ALPN); RFC 5246, section 7.4.2.

import { X509Certificate } from "node:crypto";

export type ClientHello = {
  /** Server name, lower case; "" when the client names none. */
  readonly serverName: string;
  /** `h2`, `http/1.1`. */
  readonly protocols: readonly string[];
};

export type CertificateFacts = {
  readonly subject: string;
  readonly issuer: string;
  /** RFC 3339. */
  readonly notAfter: string;
  readonly isSelfSigned: boolean;
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string;
};

const handshake = 22;
const clientHello = 1;
const certificate = 11;
const maxHandshakeBytes = 16 * 1024;

/** @returns undefined when it is no ClientHello, "more" when it has not ended yet */
export function decodeClientHello(stream: Uint8Array): ClientHello | "more" | undefined {
  if (stream[0] !== undefined && stream[0] !== handshake) return undefined;
  const messages = handshakeBytes(stream);
  if (messages.length >= 1 && messages[0] !== clientHello) return undefined;
  if (messages.length < 4) return stream.length < maxHandshakeBytes ? "more" : undefined;
  const end = 4 + triple(messages, 1);
  if (end > maxHandshakeBytes) return undefined;
  return messages.length < end ? "more" : readClientHello(messages.subarray(4, end));
}

/** What a server said first; undefined when no certificate can be seen, "more" when it may come yet. */
export function decodeServerCertificate(stream: Uint8Array): CertificateFacts | "more" | undefined {
  if (stream[0] !== undefined && stream[0] !== handshake) return undefined;
  const messages = handshakeBytes(stream);
  let at = 0;
  while (at + 4 <= messages.length) {
    const end = at + 4 + triple(messages, at + 1);
    if (messages[at] === certificate) {
      if (end > messages.length) break;
      return readCertificate(messages.subarray(at + 4, end));
    }
    at = end;
  }
  return stream.length < maxHandshakeBytes && isStillHandshake(stream) ? "more" : undefined;
}

/** The handshake layer without the records around it; ends at the first record of another kind. */
function handshakeBytes(stream: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  let at = 0;
  while (at + 5 <= stream.length && stream[at] === handshake && stream[at + 1] === 3) {
    const end = at + 5 + short(stream, at + 3);
    pieces.push(stream.subarray(at + 5, end));
    at = end;
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}

/** ChangeCipherSpec or application data: what follows is hidden. */
function isStillHandshake(stream: Uint8Array): boolean {
  let at = 0;
  while (at + 5 <= stream.length) {
    if (stream[at] !== handshake) return false;
    at += 5 + short(stream, at + 3);
  }
  return true;
}

function readClientHello(bytes: Uint8Array): ClientHello | undefined {
  let at = 34; // version and random
  at += 1 + (bytes[at] ?? 0); // session
  at += 2 + short(bytes, at); // cipher suites
  at += 1 + (bytes[at] ?? 0); // compression
  if (at > bytes.length) return undefined;
  const end = Math.min(bytes.length, at + 2 + short(bytes, at));
  at += 2;
  let serverName = "";
  let protocols: readonly string[] = [];
  while (at + 4 <= end) {
    const body = bytes.subarray(at + 4, Math.min(end, at + 4 + short(bytes, at + 2)));
    if (short(bytes, at) === 0) serverName = readServerName(body);
    if (short(bytes, at) === 16) protocols = readProtocols(body);
    at += 4 + short(bytes, at + 2);
  }
  return { serverName, protocols };
}

function readServerName(body: Uint8Array): string {
  if (body[2] !== 0) return "";
  const name = Buffer.from(body.subarray(5, 5 + Math.min(255, short(body, 3))))
    .toString("latin1")
    .toLowerCase();
  return name.replace(/[^a-z0-9._-]/g, "?");
}

function readProtocols(body: Uint8Array): readonly string[] {
  const found: string[] = [];
  let at = 2;
  while (at < body.length && found.length < 16) {
    const length = body[at] ?? 0;
    const name = Buffer.from(body.subarray(at + 1, at + 1 + length)).toString("latin1");
    if (/^[\x21-\x7e]{1,32}$/.test(name)) found.push(name);
    at += 1 + length;
  }
  return found;
}

function readCertificate(body: Uint8Array): CertificateFacts | undefined {
  const der = body.subarray(6, 6 + triple(body, 3));
  try {
    const found = new X509Certificate(Buffer.from(der));
    return {
      subject: found.subject.replaceAll("\n", ", ").slice(0, 256),
      issuer: found.issuer.replaceAll("\n", ", ").slice(0, 256),
      notAfter: new Date(found.validTo).toISOString(),
      isSelfSigned: found.subject === found.issuer,
      fingerprint: found.fingerprint256.replaceAll(":", "").toLowerCase(),
    };
  } catch {
    return undefined; // not a certificate after all
  }
}

function short(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

function triple(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 65_536 + short(bytes, at + 1);
}
