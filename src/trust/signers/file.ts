// Keys in files: PKCS #8 in PEM, encrypted or not, and cosign's own encrypted form.
// Source: RFC 7468, RFC 5958; sigstore/cosign pkg/cosign/keys.go with go-securesystemslib/encrypted (scrypt, nacl secretbox).

import { createPrivateKey, createPublicKey, type KeyObject, sign as signData } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { openCosignKey } from "../cosign-key.ts";
import { weaknessOf } from "../key-strength.ts";
import type { AskSecret, Signer, SignerBackend } from "../signer.ts";

const maxKeyBytes = 64 * 1024;

export const file: SignerBackend = {
  name: "file",
  summary: "keys in files, encrypted with a passphrase (PKCS #8 or cosign)",
  needs: {},
  async open(uri, ask) {
    if (uri.includes(":") && !uri.startsWith("file:")) return undefined;
    return await openFile(pathOf(uri), ask);
  },
};

/** `file:key.pem` and `key.pem` are relative to the current folder; `file:///etc/key.pem` is a URL. */
function pathOf(uri: string): string {
  if (uri.startsWith("file://")) return fileURLToPath(uri);
  return uri.startsWith("file:") ? uri.slice("file:".length) : uri;
}

async function openFile(path: string, ask: AskSecret): Promise<Signer> {
  const text = readKeyFile(path);
  const key = await openKey(text, path, ask);
  const weakness = weaknessOf(key);
  if (weakness !== "") {
    throw new PlimsollError("KEY_UNAVAILABLE", `${path}: ${weakness}`, { hint: "make one with plimsoll keys create" });
  }
  return {
    publicKey: createPublicKey(key),
    certificates: certificatesIn(text),
    async sign(data, hash) {
      return signData(key.asymmetricKeyType === "ed25519" ? null : hash, data, key);
    },
    close: async () => undefined,
  };
}

function readKeyFile(path: string): string {
  try {
    const { size, mode } = statSync(path);
    if (size > maxKeyBytes) throw new Error(`more than ${maxKeyBytes} bytes`);
    if ((mode & 0o077) !== 0 && process.platform !== "win32") {
      throw new PlimsollError(
        "KEY_UNAVAILABLE",
        `${path}: others may read this key (mode ${(mode & 0o777).toString(8)})`,
        {
          hint: `make it yours alone: chmod 600 ${path}`,
        },
      );
    }
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw new PlimsollError("KEY_UNAVAILABLE", `${path}: ${errorText(cause)}`, {
      hint: "name a key file that exists, or make one with plimsoll keys create",
      cause,
    });
  }
}

async function openKey(text: string, path: string, ask: AskSecret): Promise<KeyObject> {
  if (/-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----/.test(text)) {
    return openCosignKey(text, await ask(`Passphrase of ${path}`), path);
  }
  if (!text.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----")) return readPlain(text, path);
  const passphrase = await ask(`Passphrase of ${path}`);
  try {
    return createPrivateKey({ key: text, passphrase });
  } catch (cause) {
    throw new PlimsollError("SECRET_WRONG", `${path}: the passphrase does not open this key`, {
      hint: "run the command again with the right passphrase",
      cause,
    });
  }
}

function readPlain(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw new PlimsollError("KEY_UNAVAILABLE", `${path}: expected a private key in PEM`, {
      hint: "name a file that plimsoll keys create or cosign generate-key-pair wrote",
      cause,
    });
  }
}

function certificatesIn(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
}
