// Errors on their way between threads, which keep neither class nor code.

import { errorText, PlimsollError } from "../../base/errors.ts";
import type { SentError } from "./messages.ts";

export function packError(thrown: unknown): SentError {
  if (thrown instanceof PlimsollError) return { code: thrown.code, message: thrown.message, hint: thrown.hint };
  return { code: "", message: errorText(thrown), hint: "" };
}

export function unpackError({ code, message, hint }: SentError): Error {
  return code === "" ? new Error(message) : new PlimsollError(code, message, { hint });
}
