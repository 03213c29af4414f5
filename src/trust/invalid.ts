// The one way to say that a signature does not hold.

import { PlimsollError } from "../base/errors.ts";

/** @param format name of the signature format @param what one sentence, lower case */
export function invalid(format: string, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError("SIGNATURE_INVALID", `${format}: ${what}`, {
    hint: "have the image signed anew, or find out who changed it",
    ...(cause === undefined ? {} : { cause }),
  });
}
