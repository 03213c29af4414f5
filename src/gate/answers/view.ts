// Who looks at an answer, and what of it is theirs.

import type { Grant } from "../../model/grant.ts";
import type { Principal } from "../../model/principal.ts";
import { mayTouch, type Owned } from "../../policy/ownership.ts";
import type { Lookup } from "../references/lookup.ts";

export type View = {
  readonly lookup: Lookup;
  readonly owner: string;
  /** Whether the caller may know of a thing at all. */
  maySee(thing: Owned): boolean;
};

/** @param isFiltered false in observe and warn mode: then everybody sees everything */
export function viewOf(principal: Principal, grants: ReadonlySet<Grant>, lookup: Lookup, isFiltered: boolean): View {
  return {
    lookup,
    owner: principal.owner,
    maySee: (thing) => !isFiltered || mayTouch(principal, grants, thing),
  };
}
