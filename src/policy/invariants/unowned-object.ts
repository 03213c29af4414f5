// What was made around the gate belongs to nobody we know: only who was granted it acts on it.

import type { Invariant } from "../invariant.ts";
import { isOwnable } from "../ownership.ts";
import { takesAway } from "../shared-use.ts";

export const unownedObject: Invariant = {
  name: "unowned-object",
  summary: "objects that no caller of Plimsoll made",
  grants: ["owner.unowned", "owner.any"],
  applies: ({ resource }) => resource.id !== "" && resource.owner === "" && isOwnable(resource.type),
  check({ resource, action }) {
    if (resource.isShared && !takesAway(action)) return undefined;
    const kind = resource.type.toLowerCase();
    return { reason: `no such ${kind}, or it was not made through Plimsoll`, remedy: "name one of your own" };
  },
};
