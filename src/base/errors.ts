// The one error people see, and the closed list of its codes. docs/errors.md has a section for each (tested both ways).

export type ErrorCode =
  | "MALFORMED_INPUT" // bytes from outside that break their format
  | "LIMIT_EXCEEDED" // more, longer or deeper than allowed
  | "DIGEST_MISMATCH" // bytes that are not those their digest names
  | "AMBIGUOUS_INPUT" // readers differ on what it means, so nobody gets it
  | "UNKNOWN_ROUTE" // no such call in the engine's API
  | "UNKNOWN_FIELD" // a key or query parameter the API does not have
  | "ACCESS_DENIED" // policy, an invariant or the default refused
  | "NOT_AUTHENTICATED" // no provider could name the caller
  | "NOT_FOUND" // a thing the caller named does not exist (for this caller)
  | "ENGINE_UNREACHABLE" // no engine behind its socket
  | "ENGINE_REFUSED" // the engine answered with an error where we needed an answer
  | "REGISTRY_UNREACHABLE" // no registry under that name, or none that may be spoken to
  | "REGISTRY_REFUSED" // the registry, or where it sends us, answered with something that is not taken
  | "ENGINE_START_FAILED" // the managed engine did not come up
  | "ENGINE_ANSWER_INVALID" // the engine's answer could not be filtered, so it was withheld
  | "AUDIT_UNAVAILABLE" // the audit log cannot take a record
  | "STORE_UNAVAILABLE" // the state folder's database cannot be read or written
  | "LOG_CORRUPT" // the audit log's hashes or signatures do not agree
  | "POLICY_INVALID" // a policy set with a mistake
  | "WATCH_UNAVAILABLE" // nobody watches: it is not started, cannot work here, or does not answer
  | "RULES_INVALID" // a file of rules of the watch with a mistake
  | "CONFIG_INVALID" // a configuration key or value that is not known
  | "LISTEN_FAILED" // a socket or port could not be opened
  | "ALREADY_RUNNING" // another plimsoll holds the state folder
  | "NOT_RUNNING" // no plimsoll to talk to
  | "PERMISSION_NEEDED" // the system refused: wrong user, missing capability
  | "NEED_MISSING" // a program, kernel feature or library is not there
  | "SIGNATURE_INVALID" // a signature that does not hold for what it should vouch for
  | "KEY_UNAVAILABLE" // a signing key or the token that holds it cannot be reached
  | "SECRET_WRONG" // a PIN or passphrase was refused
  | "ADVISORIES_MISSING" // there is no advisory database to match against
  | "ADVISORIES_INVALID" // the advisory database is damaged, or signed by nobody who is trusted
  | "DOWNLOAD_FAILED" // a feed could not be fetched, or was not what its publisher says
  | "USAGE"; // a command line that cannot be understood

/** The only error people see: a stable code, what happened, and what to do next. */
export class PlimsollError extends Error {
  readonly code: ErrorCode;
  /** One imperative sentence. */
  readonly hint: string;

  constructor(code: ErrorCode, message: string, more: { readonly hint: string; readonly cause?: unknown }) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.name = "PlimsollError";
    this.code = code;
    this.hint = more.hint;
  }
}

/** @param where file, header or field; @param what lower case, expected and found */
export function malformed(where: string, what: string): PlimsollError {
  return new PlimsollError("MALFORMED_INPUT", `${where}: ${what}`, {
    hint: "send what the API's documentation describes",
  });
}

export function limitExceeded(where: string, what: string): PlimsollError {
  return new PlimsollError("LIMIT_EXCEEDED", `${where}: ${what}`, {
    hint: "send less, or raise the limit in the configuration",
  });
}

/** The text of anything that was thrown, for messages and logs. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The end of a `switch` over a union: the compiler proves that nothing is left. */
export function never(value: never): never {
  throw new TypeError(`unreachable: ${JSON.stringify(value)}`);
}
