// What can go wrong with a token, told in the words of the process that asks: which code of base/errors.ts it becomes there.

import { results } from "./constants.ts";
import { TokenError } from "./library.ts";

export class TokenProblem extends Error {
  readonly code: "KEY_UNAVAILABLE" | "SECRET_WRONG";
  readonly hint: string;

  constructor(code: "KEY_UNAVAILABLE" | "SECRET_WRONG", message: string, hint: string) {
    super(message);
    this.name = "TokenProblem";
    this.code = code;
    this.hint = hint;
  }
}

export function noKey(message: string, hint: string): TokenProblem {
  return new TokenProblem("KEY_UNAVAILABLE", message, hint);
}

export function noPin(message: string, hint: string): TokenProblem {
  return new TokenProblem("SECRET_WRONG", message, hint);
}

export function locked(name: string): TokenProblem {
  return noPin(`${name} is locked`, "unlock it with its own tool and the PUK");
}

/** The only one that fits. @throws TokenProblem with the given one when there is none, or by how it could be named when there are several */
export function theOnly<Item>(items: readonly Item[], none: () => TokenProblem, several: string, hint: string): Item {
  const [only] = items;
  if (only === undefined) throw none();
  if (items.length > 1) throw noKey(`${items.length} ${several}`, hint);
  return only;
}

/** @param label of the token; "" when it does not matter */
export function explaining<Result>(label: string, work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    throw explain(thrown, label === "" ? "the token" : `the token ${label}`);
  }
}

function explain(thrown: unknown, name: string): unknown {
  if (!(thrown instanceof TokenError)) return thrown;
  if (thrown.result === results.pinIncorrect) {
    return noPin(
      `${name} refused the PIN`,
      "run the command again with the right PIN; three wrong ones lock most cards",
    );
  }
  if (thrown.result === results.pinLocked) return locked(name);
  return noKey(`${name} does not answer: ${thrown.message}`, "put the token back, and start pcscd for smart cards");
}
