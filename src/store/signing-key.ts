// The key that signs checkpoints: made on first use, readable by plimsoll's user alone, its public half beside it.

import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorText, PlimsollError } from "../base/errors.ts";
import { type NoteSigner, writeVerifierKey } from "./checkpoint.ts";

export const publicKeyFile = "audit-key.pub";
const privateKeyFile = "audit-key.pem";

/** @param mayMake false when a log exists already: a new key would not vouch for the old records */
export function loadSigner(folder: string, name: string, mayMake: boolean): NoteSigner {
  const file = join(folder, privateKeyFile);
  if (!existsSync(file)) {
    if (!mayMake) throw keyProblem(file, "missing, but the log has records signed by it");
    writeFileSync(file, makeKey(), { mode: 0o600, flag: "wx" });
  }
  const signer = { name, key: readKey(file) };
  writeFileSync(join(folder, publicKeyFile), `${writeVerifierKey(signer)}\n`, { mode: 0o644 });
  return signer;
}

function makeKey(): string {
  return generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

function readKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch (cause) {
    throw keyProblem(file, `not a private key: ${errorText(cause)}`, cause);
  }
  throw keyProblem(file, "expected an ed25519 key");
}

function keyProblem(file: string, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError("LOG_CORRUPT", `${file}: ${what}`, {
    hint: "restore the key from a backup, or move audit.db, audit.db-wal, checkpoint and journal to another folder to begin a new log",
    cause,
  });
}
