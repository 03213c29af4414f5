// The advisories of a package, put together by the weakness they speak of: names, rating and use are the same for every image.

import type { Advisory, Exploitation } from "../../model/advisory.ts";
import { groupByNames, namesOf, sortedNames } from "./identity.ts";
import { type Rating, rate } from "./rate.ts";

export type Weakness = {
  readonly advisories: readonly Advisory[];
  /** Worked out when somebody asks first: most weaknesses of a package were fixed long ago. */
  known(): KnownWeakness;
};

export type KnownWeakness = {
  /** The CVE id where there is one. */
  readonly id: string;
  readonly aliases: readonly string[];
  readonly rating: Rating;
  readonly exploitation: Exploitation;
};

export type WeaknessSource = {
  readonly exploitationOf: (id: string) => Exploitation;
  readonly ratingsOf: (id: string) => readonly string[];
  readonly scoreOf: (vector: string) => number;
};

export function toWeaknesses(all: readonly Advisory[], source: WeaknessSource): readonly Weakness[] {
  return groupByNames(all, namesOf).map((advisories) => {
    let known: KnownWeakness | undefined;
    return {
      advisories,
      known() {
        known ??= toKnown(advisories, source);
        return known;
      },
    };
  });
}

function toKnown(advisories: readonly Advisory[], source: WeaknessSource): KnownWeakness {
  const [id = "", ...aliases] = sortedNames(advisories);
  const rating = rate(advisories, source.ratingsOf(id), source.scoreOf);
  return { id, aliases, rating, exploitation: source.exploitationOf(id) };
}
