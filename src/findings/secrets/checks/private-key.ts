// Is a PEM block a whole private key? Many programs carry the words BEGIN PRIVATE KEY without one.
// Sources: RFC 7468; RFC 5958 (PKCS #8); RFC 8017 (RSA); RFC 5915 (EC); OpenSSH PROTOCOL.key; RFC 1421 (headers).

export function isPrivateKey(pem: string): boolean {
  const [, label = "", inner = ""] = /^-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END/.exec(unfold(pem)) ?? [];
  if (label === "PGP PRIVATE KEY BLOCK") return decodeBody(inner).length > 100;
  const bytes = decodeBody(inner);
  if (label === "OPENSSH PRIVATE KEY") return bytes.subarray(0, 15).toString("latin1") === "openssh-key-v1\0";
  // An encrypted old-style key has no structure left to look at.
  if (/Proc-Type: ?4,ENCRYPTED/.test(inner)) return bytes.length >= 48;
  return isWholeSequence(bytes);
}

/** An encrypted key is still a key, but worth less to a thief. */
export function isEncryptedKey(pem: string): boolean {
  return /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: ?4,ENCRYPTED/.test(pem);
}

/** Inside JSON and program texts line breaks are written `\n`, and lines stand in quotes. */
function unfold(pem: string): string {
  return pem
    .replace(/\\r|\\n|\\\r?\n/g, "\n")
    .replace(/\s\+\s/g, " ")
    .replace(/["',]/g, " ");
}

function decodeBody(inner: string): Buffer {
  const body = inner.replace(/^[\w-]+:.*$/gm, "").replace(/^=[A-Za-z0-9+/]{4}$/m, "");
  const text = body.replace(/\s/g, "");
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, "base64") : Buffer.alloc(0);
}

/** DER: one SEQUENCE that is exactly as long as it says, and begins with a version or another SEQUENCE. */
function isWholeSequence(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30 || bytes.length < 40) return false;
  const first = bytes[1] ?? 0;
  const width = first < 0x80 ? 0 : first & 0x7f;
  if (width > 2) return false;
  const length = width === 0 ? first : bytes.readUIntBE(2, width);
  const inner = bytes[2 + width];
  return bytes.length === 2 + width + length && (inner === 0x02 || inner === 0x30);
}
