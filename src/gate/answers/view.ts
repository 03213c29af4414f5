// Who looks at an answer, and what of it is theirs.

import type { Grant } from "../../model/grant.ts";
import type { Principal } from "../../model/principal.ts";
import { mayTouch, type Owned } from "../../policy/ownership.ts";
import type { Lookup } from "../references/lookup.ts";

export type View = {
  readonly lookup: Lookup;
  readonly owner: string;
  /** With the lookup, all that decides on what is seen. */
  readonly principal: Principal;
  readonly grants: ReadonlySet<Grant>;
  readonly isFiltered: boolean;
  /** Whether the caller may know of a thing at all. */
  maySee(thing: Owned): boolean;
};

/** @param isFiltered false in observe and warn mode: then everybody sees everything */
export function viewOf(principal: Principal, grants: ReadonlySet<Grant>, lookup: Lookup, isFiltered: boolean): View {
  return {
    lookup,
    owner: principal.owner,
    ...{ principal, grants, isFiltered },
    maySee: (thing) => !isFiltered || mayTouch(principal, grants, thing),
  };
}
