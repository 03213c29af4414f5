// What the system says about a file that cannot be read, as a documented error.

import { errorText, PlimsollError } from "../base/errors.ts";

/** Errors of our own and mistakes in the program stay as they are. */
export function asFileError(path: string, cause: unknown): unknown {
  if (cause instanceof PlimsollError || !(cause instanceof Error) || !("code" in cause)) return cause;
  const isForbidden = cause.code === "EACCES" || cause.code === "EPERM";
  const code = isForbidden ? "PERMISSION_NEEDED" : cause.code === "ENOENT" ? "NOT_FOUND" : "MALFORMED_INPUT";
  return new PlimsollError(code, `${path}: ${errorText(cause)}`, {
    hint: isForbidden ? "run as a user who may read it" : "check that it is there and whole",
    cause,
  });
}
