// Every plugin in signers/. Written by `npm run plugins`; do not edit.

import type { SignerBackend } from "./signer.ts";
import { file } from "./signers/file.ts";
import { pkcs11 } from "./signers/pkcs11.ts";

export const signers: readonly SignerBackend[] = [file, pkcs11];
