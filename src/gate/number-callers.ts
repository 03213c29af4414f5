// A small number for each caller, so that what is remembered for one can be found again quickly. Two connections of whom
// policies see the same are one caller; all others never share a number.

import type { Principal } from "../model/principal.ts";
import { identityKey } from "../policy/grant-book.ts";
import { createMemory } from "../policy/memory.ts";

const maxCallers = 1024;

/** Who was forgotten gets a new number, never that of another. */
export function numberCallers(): (principal: Principal) => number {
  const numbers = new WeakMap<Principal, number>();
  const ofIdentity = createMemory<number>(maxCallers);
  let last = 0;
  return (principal) => {
    const known = numbers.get(principal);
    if (known !== undefined) return known;
    const identity = identityKey(principal);
    const number = ofIdentity.get(identity) ?? ++last;
    ofIdentity.set(identity, number);
    numbers.set(principal, number);
    return number;
  };
}
