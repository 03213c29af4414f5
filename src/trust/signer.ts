// One place where a private key lives. The key never leaves it; what comes out are signatures.

import type { KeyObject } from "node:crypto";
import type { Plugin } from "../base/plugin.ts";

/** An open key: logged in, ready to sign. */
export interface Signer {
  readonly publicKey: KeyObject;
  /** PEM, leaf first; empty when the key has no certificate. */
  readonly certificates: readonly string[];
  /**
   * Over the SHA-256 of `data` (P-256, RSA), SHA-384 (P-384), or `data` itself (Ed25519). ECDSA as DER.
   * @throws PlimsollError KEY_UNAVAILABLE when the token is gone, SECRET_WRONG when it refuses
   */
  sign(data: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

export type AskSecret = (what: string) => Promise<string>;

export interface SignerBackend extends Plugin {
  /** @param uri `file:...`, `pkcs11:...` (RFC 7512) @returns undefined when the URI is not of this kind */
  open(uri: string, ask: AskSecret): Promise<Signer | undefined>;
}
