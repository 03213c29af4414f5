// From a library to a session with one token: found by name, logged in once.

import { results, sessionFlags, tokenFlags, users } from "./constants.ts";
import { loadTokenLibrary, TokenError, type TokenLibrary } from "./library.ts";
import { explaining, locked, noKey, noPin, theOnly } from "./token-problem.ts";
import type { Pkcs11Uri } from "./uri.ts";

export type TokenSession = {
  readonly library: TokenLibrary;
  readonly handle: number;
  /** Of the token. */
  readonly label: string;
};

type TokenDescription = {
  readonly slot: number;
  readonly label: string;
  readonly serial: string;
  readonly flags: number;
};

const infoBytes = 208;

/** @throws TokenProblem */
export function openSession(uri: Pkcs11Uri, pin: string, mayWrite = false): TokenSession {
  const library = load(uri.module);
  const token = chooseToken(listTokens(library), uri);
  const flags = sessionFlags.serial | (mayWrite ? sessionFlags.readWrite : 0);
  const opened: [number] = [0];
  explaining(token.label, () => library.call("openSession", token.slot, flags, null, null, opened));
  const session = { library, handle: opened[0], label: token.label };
  logIn(session, token, pin);
  return session;
}

export function endSession({ library, handle }: TokenSession): void {
  try {
    library.call("closeSession", handle);
    library.call("finalize", null);
  } catch {
    // The token is gone already, and the process ends anyway.
  }
}

/** @throws TokenProblem */
export function load(module: string): TokenLibrary {
  try {
    const library = loadTokenLibrary(module);
    library.call("initialize", null);
    return library;
  } catch (thrown) {
    throw noKey(`${module} cannot be used: ${String(thrown)}`, "install the library, and start pcscd for smart cards");
  }
}

export function listTokens(library: TokenLibrary): readonly TokenDescription[] {
  const count: [number] = [0];
  library.call("getSlotList", 1, null, count);
  const slots = Buffer.alloc(8 * count[0]);
  library.call("getSlotList", 1, slots, count);
  return Array.from({ length: count[0] }, (_, at) => describeSlot(library, Number(slots.readBigUInt64LE(8 * at))));
}

/** Source: CK_TOKEN_INFO: label 32, manufacturer 32, model 16, serial 16, flags. */
function describeSlot(library: TokenLibrary, slot: number): TokenDescription {
  const info = Buffer.alloc(infoBytes);
  library.call("getTokenInfo", slot, info);
  const textAt = (from: number, to: number): string => info.toString("utf8", from, to).replace(/[ \0]+$/, "");
  return { slot, label: textAt(0, 32), serial: textAt(80, 96), flags: Number(info.readBigUInt64LE(96)) };
}

function chooseToken(tokens: readonly TokenDescription[], uri: Pkcs11Uri): TokenDescription {
  const fitting = tokens.filter(
    ({ label, serial }) => (uri.token === "" || label === uri.token) && (uri.serial === "" || serial === uri.serial),
  );
  const none = () => {
    const labels = tokens.map(({ label }) => label).filter((label) => label !== "");
    const called = uri.token === "" ? "" : ` called ${uri.token}`;
    const there = labels.length === 0 ? "" : `; there is ${labels.join(", ")}`;
    return noKey(`no token${called} is there${there}`, "insert the token, and start pcscd for smart cards");
  };
  return theOnly(fitting, none, "tokens fit", "name one by token= or serial=");
}

/** One try. A token that would lock itself after the next wrong PIN is left alone. */
function logIn({ library, handle, label }: TokenSession, { flags }: TokenDescription, pin: string): void {
  if ((flags & tokenFlags.locked) !== 0) throw locked(`the token ${label}`);
  if ((flags & tokenFlags.finalTry) !== 0) {
    throw noPin(
      `the token ${label} allows one more try before it locks itself`,
      "log in once with its own tool, then run the command again",
    );
  }
  const bytes = Buffer.from(pin, "utf8");
  const isIn = (thrown: unknown): boolean => thrown instanceof TokenError && thrown.result === results.alreadyLoggedIn;
  explaining(label, () => {
    try {
      library.call("login", handle, users.user, bytes, bytes.length);
    } catch (thrown) {
      if (!isIn(thrown)) throw thrown;
    } finally {
      bytes.fill(0);
    }
  });
}
