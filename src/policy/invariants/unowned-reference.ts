// Like foreign-reference, for things that were made around the gate.

import { factSet, type Invariant, listed } from "../invariant.ts";

export const unownedReference: Invariant = {
  name: "unowned-reference",
  summary: "references to objects that no caller of Plimsoll made",
  grants: ["owner.unowned", "owner.any"],
  applies: () => true,
  check(question) {
    const unowned = factSet(question, "unownedReferences").filter((reference) => !reference.startsWith("tag:"));
    if (unowned.length === 0) return undefined;
    return { reason: `the call names what was not made through Plimsoll: ${listed(unowned)}`, remedy: "name your own" };
  },
};
