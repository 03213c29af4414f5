// A call may not reach another owner's things by naming them: volumes, containers, networks, images.

import { factSet, type Invariant, listed } from "../invariant.ts";

export const foreignReference: Invariant = {
  name: "foreign-reference",
  summary: "references to objects of another owner",
  grants: ["owner.any"],
  applies: () => true,
  check(question) {
    const foreign = factSet(question, "foreignReferences").filter((reference) => !reference.startsWith("tag:"));
    if (foreign.length === 0) return undefined;
    return { reason: `the call names what belongs to another owner: ${listed(foreign)}`, remedy: "name your own" };
  },
};
