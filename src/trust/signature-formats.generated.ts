// Every plugin in signature-formats/. Written by `npm run plugins`; do not edit.

import type { SignatureFormat } from "./signature-format.ts";
import { cosign } from "./signature-formats/cosign.ts";
import { notationCose } from "./signature-formats/notation-cose.ts";
import { notation } from "./signature-formats/notation.ts";
import { sigstoreBundle } from "./signature-formats/sigstore-bundle.ts";
import { simpleSigning } from "./signature-formats/simple-signing.ts";

export const signatureFormats: readonly SignatureFormat[] = [cosign, notationCose, notation, sigstoreBundle, simpleSigning];
