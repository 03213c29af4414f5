// Nobody acts on what another caller made. A shared thing may be used by all, and be taken away by none of them.

import type { Invariant } from "../invariant.ts";
import { isOwnable } from "../ownership.ts";
import { takesAway } from "../shared-use.ts";

export const foreignObject: Invariant = {
  name: "foreign-object",
  summary: "objects of another owner",
  grants: ["owner.any"],
  applies: ({ resource }) => resource.id !== "" && resource.owner !== "" && isOwnable(resource.type),
  check({ principal, resource, action }) {
    if (resource.owner === principal.owner) return undefined;
    if (resource.isShared && !takesAway(action)) return undefined;
    // Without the name: who asked for the beginning of an id would learn the rest.
    const kind = resource.type.toLowerCase();
    return { reason: `no such ${kind}, or it belongs to another owner`, remedy: "name one of your own" };
  },
};
