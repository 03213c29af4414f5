// A tag is what others run by name: who moves it decides what they run.

import { factSet, type Invariant, listed } from "../invariant.ts";

export const foreignTag: Invariant = {
  name: "foreign-tag",
  summary: "moving a tag that another owner set",
  grants: ["image.any-tag", "owner.any"],
  applies: () => true,
  check(question) {
    const tags = [...factSet(question, "foreignReferences"), ...factSet(question, "unownedReferences")]
      .filter((reference) => reference.startsWith("tag:"))
      .map((reference) => reference.slice("tag:".length));
    if (tags.length === 0) return undefined;
    return { reason: `the call moves a tag that somebody else set: ${listed(tags)}`, remedy: "choose another tag" };
  },
};
