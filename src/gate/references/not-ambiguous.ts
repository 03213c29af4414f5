// The engine refuses to say what a name means when it could mean several things. For the gate that is nothing.

import { PlimsollError } from "../../base/errors.ts";

/** @throws PlimsollError when the engine is away */
export async function notAmbiguous<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === "ENGINE_REFUSED") return undefined;
    throw thrown;
  }
}
