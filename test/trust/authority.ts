// Certificates for a test, made on the spot by openssl: a root, and leaves that it issued.

import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Signer } from "../../src/trust/signer.ts";

export type LeafOptions = {
  readonly subject?: string;
  /** Lines of an openssl extension section. */
  readonly extensions?: readonly string[];
  readonly days?: number;
  /** Of genpkey. */
  readonly key?: readonly string[];
};

const p256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const signerExtensions = [
  "basicConstraints=CA:FALSE",
  "keyUsage=critical,digitalSignature",
  "extendedKeyUsage=codeSigning",
];

export type Authority = {
  readonly root: string;
  /** PEM of certificate and key. */
  issue(options?: LeafOptions): { readonly certificate: string; readonly key: string };
  /** With its certificate and the root. */
  signer(options?: LeafOptions): Signer;
};

export function makeAuthority(t: { readonly after: (work: () => void) => void }, name = "/CN=test root"): Authority {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-ca-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const at = (file: string): string => join(folder, file);
  const openssl = (...words: readonly string[]) => execFileSync("openssl", words, { stdio: "pipe" });
  openssl("genpkey", ...p256, "-out", at("ca.key"));
  const authority = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
  openssl(
    "req",
    "-x509",
    "-new",
    "-key",
    at("ca.key"),
    "-subj",
    name,
    "-days",
    "30",
    "-out",
    at("ca.pem"),
    ...authority,
  );
  const root = readFileSync(at("ca.pem"), "utf8");
  const issue = (options: LeafOptions = {}) => {
    openssl("genpkey", ...(options.key ?? p256), "-out", at("leaf.key"));
    openssl(
      "req",
      "-new",
      "-key",
      at("leaf.key"),
      "-subj",
      options.subject ?? "/O=acme/CN=release",
      "-out",
      at("leaf.csr"),
    );
    writeFileSync(at("leaf.ext"), (options.extensions ?? signerExtensions).join("\n"));
    const signing = [
      "-CA",
      at("ca.pem"),
      "-CAkey",
      at("ca.key"),
      "-CAcreateserial",
      "-days",
      String(options.days ?? 10),
    ];
    openssl("x509", "-req", "-in", at("leaf.csr"), ...signing, "-extfile", at("leaf.ext"), "-out", at("leaf.pem"));
    return { certificate: readFileSync(at("leaf.pem"), "utf8"), key: readFileSync(at("leaf.key"), "utf8") };
  };
  return { root, issue, signer: (options) => signerWith(issue(options), root) };
}

function signerWith(leaf: { certificate: string; key: string }, root: string): Signer {
  const key = createPrivateKey(leaf.key);
  return {
    publicKey: createPublicKey(key),
    certificates: [leaf.certificate, root],
    sign: async (data, hash) => sign(hash, data, key),
    close: async () => undefined,
  };
}
