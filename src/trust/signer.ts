// One place where a private key lives. The key never leaves it; what comes out are signatures.

import type { KeyObject } from "node:crypto";
import type { Plugin } from "../base/plugin.ts";

export type SignatureHash = "sha256" | "sha384" | "sha512";

/** An open key: logged in, ready to sign. */
export interface Signer {
  readonly publicKey: KeyObject;
  /** PEM, leaf first; empty when the key has no certificate. */
  readonly certificates: readonly string[];
  /**
   * Over the hash of `data` (Ed25519 has none: `data` itself). ECDSA as DER, RSA with PKCS #1 v1.5.
   * @throws PlimsollError KEY_UNAVAILABLE when the token is gone, SECRET_WRONG when it refuses
   */
  sign(data: Uint8Array, hash: SignatureHash): Promise<Uint8Array>;
  close(): Promise<void>;
}

export type AskSecret = (what: string) => Promise<string>;

export interface SignerBackend extends Plugin {
  /** @param uri `file:...`, `pkcs11:...` (RFC 7512) @returns undefined when the URI is not of this kind */
  open(uri: string, ask: AskSecret): Promise<Signer | undefined>;
}
