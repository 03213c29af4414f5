// Structure that a token has inside: what decodes to nothing sensible is not a secret.
// Sources: RFC 7519 (JWT); RFC 7468 and OpenSSH PROTOCOL.key (keys); AWS access key ids (base 32, account number inside);
// PyPI's macaroons; Docker config.json; Discord developer documentation (tokens begin with the user's id).

import { textAt } from "../../../base/reading.ts";

/** Header and payload are JSON, and the header names an algorithm that signs. */
export function isSignedJwt(secret: string): boolean {
  const [header = "", payload = "", signature = ""] = secret.split(".");
  const algorithm = textAt(decodeJson(header), "alg");
  return (
    /^(?:HS|RS|ES|PS)(?:256|384|512)$|^EdDSA$|^ES256K$/.test(algorithm) &&
    decodeJson(payload) !== undefined &&
    signature.length >= 20
  );
}

/** base64url or base64 of a JSON object. */
export function isEncodedJson(text: string): boolean {
  return decodeJson(text) !== undefined;
}

function decodeJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined; // not JSON: that is the answer
  }
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Keys since 2019 carry the twelve digits of their account; older ones have I or J as the first character and carry nothing. */
export function isAwsKeyId(secret: string): boolean {
  const body = secret.slice(4);
  if (/^[IJ]/.test(body)) return true;
  let bits = 0n;
  for (const character of body.slice(0, 10)) bits = (bits << 5n) | BigInt(base32.indexOf(character));
  const account = ((bits >> 2n) & 0x7fff_ffff_ff80n) >> 7n;
  return account > 0n && account <= 999_999_999_999n;
}

/** `user:password`, neither empty, nothing unprintable: what Docker keeps under "auth". */
export function isBasicAuth(secret: string): boolean {
  const text = Buffer.from(secret, "base64").toString("latin1");
  return /^[\x21-\x39\x3b-\x7e]{1,255}:[\x20-\x7e]{3,}$/.test(text) && !isPlaceholderPair(text);
}

function isPlaceholderPair(text: string): boolean {
  return /^(?:user(?:name)?|foo|test):(?:pass(?:word)?|bar|test)$/i.test(text);
}

/** The token's first part is a number: the id of the bot's account. */
export function isDiscordToken(secret: string): boolean {
  return /^\d{15,20}$/.test(Buffer.from(secret.split(".")[0] ?? "", "base64url").toString("latin1"));
}

/** A version 2 macaroon whose location is PyPI. */
export function isPypiMacaroon(secret: string): boolean {
  const bytes = Buffer.from(secret.slice("pypi-".length), "base64url");
  const location = bytes.subarray(3, 3 + (bytes[2] ?? 0)).toString("latin1");
  return bytes[0] === 2 && bytes[1] === 1 && /^(?:test\.)?pypi\.org$/.test(location) && bytes.length > 60;
}

export function decodesTo(bytes: number): (secret: string) => boolean {
  return (secret) => Buffer.from(secret, "base64").length === bytes;
}

/** Words that end in a base64 text which starts with `reftkn:`: Artifactory's reference tokens. */
export function isReferenceToken(secret: string): boolean {
  return /^reftkn:\d{2}:\d{10}:[A-Za-z0-9]{20,}$/.test(Buffer.from(secret, "base64").toString("latin1"));
}
