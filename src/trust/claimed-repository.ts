// Which repository a signature says that it is for, before anybody has verified it: where an image comes without a name, whose rule it
// may be judged by. Verified, the same words have to hold again.

import { PlimsollError } from "../base/errors.ts";
import { decodeJson } from "../base/json.ts";
import { decode, object, string } from "../base/schema.ts";
import { readStatement } from "./dsse.ts";
import { maxSignatureBytes } from "./manifest.ts";
import type { Envelope } from "./signature-format.ts";
import { cosignPayloadKind, readSimplePayload } from "./simple-payload.ts";

const bundleShape = object({ dsseEnvelope: object({ payload: string }) });

/** @returns "" when it names none */
export function claimedRepository(envelope: Envelope): string {
  try {
    return readClaim(envelope);
  } catch (thrown) {
    if (thrown instanceof PlimsollError) return "";
    throw thrown;
  }
}

function readClaim({ format, payload }: Envelope): string {
  switch (format) {
    case "cosign":
      return readSimplePayload(format, cosignPayloadKind, payload).repository;
    case "sigstore-bundle": {
      const value = decodeJson(payload, { maxBytes: maxSignatureBytes });
      const { dsseEnvelope } = decode(bundleShape, value, { code: "SIGNATURE_INVALID", where: format });
      return readStatement(format, Buffer.from(dsseEnvelope.payload, "base64")).repository;
    }
    default:
      return "";
  }
}
