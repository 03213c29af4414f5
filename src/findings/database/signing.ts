// Who vouches for an advisory database: the key of the machine that built it, and the keys this machine believes.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";

const privateKeyFile = "signing-key.pem";
const trustedKeysFile = "trusted-keys";
const rawKeyBytes = 32;
/** What stands before the 32 bytes of an Ed25519 key in DER. Source: RFC 8410, section 4. */
const derPrefix: Uint8Array = Buffer.from("302a300506032b6570032100", "hex");

/** The key in `folder`, made when there is none; its public half becomes a trusted one. */
export function loadSigningKey(folder: string): KeyObject {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const file = join(folder, privateKeyFile);
  if (!existsSync(file)) {
    const made = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" });
    writeFileSync(file, made, { mode: 0o600, flag: "wx" });
  }
  const key = readPrivateKey(file);
  addTrustedKey(folder, publicKeyText(key), "this machine");
  return key;
}

function readPrivateKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch (cause) {
    throw invalid(`${file}: no private key: ${errorText(cause)}`, cause);
  }
  throw invalid(`${file}: expected an ed25519 key`);
}

/** 32 bytes as base64: how a key is written everywhere. */
export function publicKeyText(key: KeyObject): string {
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(derPrefix.length).toString("base64");
}

export function sign(key: KeyObject, content: Uint8Array): string {
  return signBytes(null, content, key).toString("base64");
}

/** @param publicKey as `publicKeyText` writes it */
export function verify(publicKey: string, content: Uint8Array, signature: string): boolean {
  const [raw, seal] = [Buffer.from(publicKey, "base64"), Buffer.from(signature, "base64")];
  // Base64 can write the same bytes in several ways; only one of them is ours.
  if (raw.length !== rawKeyBytes || raw.toString("base64") !== publicKey) return false;
  if (seal.toString("base64") !== signature) return false;
  const key = createPublicKey({ key: Buffer.concat([derPrefix, raw]), format: "der", type: "spki" });
  return verifyBytes(null, content, key, seal);
}

/** The keys of the file `trusted-keys`: one a line, then a blank and a comment; `#` begins a line of comment. */
export function readTrustedKeys(folder: string): readonly string[] {
  const file = join(folder, trustedKeysFile);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => line.trim().split(/\s/, 1)[0] ?? "");
}

/** @throws PlimsollError ADVISORIES_INVALID when it is no key */
export function addTrustedKey(folder: string, key: string, comment: string): void {
  if (Buffer.from(key, "base64").length !== rawKeyBytes) {
    throw invalid(`public key: expected ${rawKeyBytes} bytes as base64, found ${JSON.stringify(key.slice(0, 80))}`);
  }
  const known = readTrustedKeys(folder);
  if (known.includes(key)) return;
  const file = join(folder, trustedKeysFile);
  const before = existsSync(file)
    ? readFileSync(file, "utf8")
    : "# Keys whose advisory databases are believed, one a line.\n";
  writeFileSync(`${file}.new`, `${before.replace(/\n*$/, "\n")}${key} ${comment}\n`, { mode: 0o644, flush: true });
  renameSync(`${file}.new`, file);
}

export function invalid(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError("ADVISORIES_INVALID", message, {
    hint: "run `plimsoll advisories update`, or import a database again and name its key",
    cause,
  });
}
