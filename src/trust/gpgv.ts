// Signed OpenPGP messages, opened by gpgv: the verifier that Debian's package manager relies on, small and without a network, an
// agent or a trust database of its own. A second OpenPGP implementation in this process would be far more code to believe.
// Source: gpgv(1); GnuPG doc/DETAILS, "Format of the --status-fd output".

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type OpenedMessage = {
  readonly payload: Uint8Array;
  /** Of the primary key, upper-case hex. */
  readonly fingerprint: string;
  readonly signedAtMs: number;
};

const timeoutMs = 10_000;
const maxStatusBytes = 64 * 1024;

/** @param keys armored public keys @returns undefined when exactly one good signature by one of the keys is not there */
export async function openSignedMessage(
  message: Uint8Array,
  keys: readonly string[],
): Promise<OpenedMessage | undefined> {
  // Binary packets only: text that was signed in the clear may have other text around it.
  if (((message[0] ?? 0) & 0x80) === 0) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-gpgv-"));
  const [keyring, signed, opened] = ["keys.gpg", "message.gpg", "payload"].map((name) => join(folder, name));
  try {
    await writeFile(keyring ?? "", Buffer.concat(keys.map(unarmor)), { mode: 0o600 });
    await writeFile(signed ?? "", message, { mode: 0o600 });
    const words = ["--homedir", folder, "--keyring", keyring ?? "", "--status-fd", "1"];
    const status = await runGpgv([...words, "--output", opened ?? "", signed ?? ""]);
    const good = status === undefined ? undefined : readStatus(status);
    return good === undefined ? undefined : { ...good, payload: await readFile(opened ?? "") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns what it reported; undefined when it refused */
function runGpgv(words: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn("gpgv", words, {
      stdio: ["ignore", "pipe", "ignore"],
      timeout: timeoutMs,
      env: { PATH: process.env["PATH"], LC_ALL: "C" },
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const text = Buffer.concat(chunks).subarray(0, maxStatusBytes).toString("latin1");
      resolve(code === 0 ? text : undefined);
    });
  });
}

/** One signature, good, by a key that has neither expired nor been revoked. */
function readStatus(text: string): Omit<OpenedMessage, "payload"> | undefined {
  const lines = text
    .split("\n")
    .filter((line) => line.startsWith("[GNUPG:] "))
    .map((line) => line.split(" ").slice(1));
  const of = (word: string): readonly (readonly string[])[] => lines.filter(([first]) => first === word);
  const [valid, ...more] = of("VALIDSIG");
  const isBad = lines.some(([word = ""]) => /^(?:BADSIG|ERRSIG|EXPSIG|EXPKEYSIG|REVKEYSIG)$/.test(word));
  if (valid === undefined || more.length > 0 || of("GOODSIG").length !== 1 || of("NEWSIG").length !== 1 || isBad)
    return undefined;
  const fingerprint = valid.at(-1) ?? "";
  const seconds = Number(valid[3]);
  if (!/^[0-9A-F]{40}$/.test(fingerprint) || !Number.isSafeInteger(seconds)) return undefined;
  return { fingerprint, signedAtMs: seconds * 1000 };
}

/** gpgv reads binary keyrings only. Source: RFC 9580, section 6.2. */
function unarmor(text: string): Buffer {
  const body =
    /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\n]*: [^\n]*\n)*\r?\n([A-Za-z0-9+/=\s]+?)(?:\n=[A-Za-z0-9+/]{4}\s*)?\n?-----END/.exec(
      text,
    );
  return Buffer.from(body?.[1] ?? "", "base64");
}
