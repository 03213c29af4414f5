// The advisories of a package, put together by the weakness they speak of: names, rating and use are the same for every image.

import type { Advisory, Exploitation } from "../../model/advisory.ts";
import { groupByNames, namesOf, sortedNames } from "./identity.ts";
import { type Rating, rate } from "./rate.ts";

export type Weakness = {
  /** The CVE id where there is one. */
  readonly id: string;
  readonly aliases: readonly string[];
  readonly advisories: readonly Advisory[];
  readonly rating: Rating;
  readonly exploitation: Exploitation;
};

export type WeaknessSource = {
  readonly exploitationOf: (id: string) => Exploitation;
  readonly ratingsOf: (id: string) => readonly string[];
  readonly scoreOf: (vector: string) => number;
};

export function toWeaknesses(advisories: readonly Advisory[], source: WeaknessSource): readonly Weakness[] {
  return groupByNames(advisories, namesOf).map((group) => {
    const [id = "", ...aliases] = sortedNames(group);
    return {
      id,
      aliases,
      advisories: group,
      rating: rate(group, source.ratingsOf(id), source.scoreOf),
      exploitation: source.exploitationOf(id),
    };
  });
}
