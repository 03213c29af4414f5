// An inventory and the advisories -> what is known to be wrong with its packages. Pure: the clock comes with the options.

import { isDistributed } from "../../base/package-url.ts";
import type { Advisory, DistributionSupport } from "../../model/advisory.ts";
import type { Vulnerability } from "../../model/finding.ts";
import type { FileProblem, Inventory, LocatedPackage } from "../../model/package.ts";
import type { AdvisoryDatabase } from "../database/open-database.ts";
import { schemeOf } from "../scheme-of.ts";
import { chooseStream } from "./choose-stream.ts";
import { describe } from "./describe.ts";
import { type Judgement, judge } from "./judge.ts";
import { type Lookup, lookupsOf } from "./lookups.ts";
import { hasEnded, supportOf } from "./support.ts";

export type MatchOptions = {
  readonly now: Date;
  /** Also what its publisher takes for unimportant or undetermined. */
  readonly withUnimportant?: boolean;
  /** Also development dependencies and what a lock file lists without its being there. */
  readonly withNotInstalled?: boolean;
  /** Takes what could not be judged: such packages may be affected by anything. */
  readonly problem?: (problem: FileProblem) => void;
};

/** Every weakness of every package once, whatever number of publishers describe it. */
export function matchPackages(
  inventory: Inventory,
  database: AdvisoryDatabase,
  options: MatchOptions,
): readonly Vulnerability[] {
  const { distribution } = inventory;
  const support = distribution === undefined ? undefined : supportOf(distribution, database);
  const problem = options.problem ?? (() => undefined);
  reportUnknownDistribution(inventory, database, problem);
  const judged = inventory.packages.filter((found) => isJudged(found, options));
  return judged.flatMap((found) => {
    const lookups = lookupsOf(found, distribution);
    return matchPackage({ found, lookups, support, database, options, problem });
  });
}

type Question = {
  readonly found: LocatedPackage;
  readonly lookups: readonly Lookup[];
  readonly support: DistributionSupport | undefined;
  readonly database: AdvisoryDatabase;
  readonly options: MatchOptions;
  readonly problem: (problem: FileProblem) => void;
};

/** What the distribution's package manager brought is judged by the distribution's data alone. */
function isJudged(found: LocatedPackage, options: MatchOptions): boolean {
  if (!found.isInstalled && options.withNotInstalled !== true) return false;
  return isDistributed(found.ecosystem) || !found.isOwnedByDistribution;
}

function matchPackage(question: Question): readonly Vulnerability[] {
  const { found, database, lookups } = question;
  if (lookups.length === 0) return [];
  return database.weaknessesOf(lookups).flatMap((weakness) => {
    const judgements = weakness.advisories.flatMap((advisory) => judgeAdvisory(question, advisory));
    if (!judgements.some(isAffected)) return [];
    const affected = chooseStream(found, judgements).filter(isAffected);
    return affected.length === 0 ? [] : [describe(found, weakness, affected, isOver(question))];
  });
}

const isAffected = (judgement: Judgement): boolean => judgement.isAffected;

function isOver({ found, support, options }: Question): boolean {
  return support !== undefined && isDistributed(found.ecosystem) && hasEnded(support, options.now);
}

function judgeAdvisory({ found, lookups, options, problem }: Question, advisory: Advisory): readonly Judgement[] {
  if (advisory.isUnimportant && options.withUnimportant !== true) return [];
  const lookup = lookups.find(({ namespace, name }) => namespace === advisory.namespace && name === advisory.package);
  if (lookup === undefined || !lookup.accepts(advisory)) return [];
  const judgement = judge(advisory, lookup.version, schemeOf(found.ecosystem));
  if (typeof judgement !== "string") return [judgement];
  problem({ path: found.evidence, plugin: "matching", what: `${found.name} ${lookup.version}: ${judgement}` });
  return [];
}

/** Without advisories for its distribution, an image only looks clean. */
function reportUnknownDistribution(
  { distribution, packages }: Inventory,
  database: AdvisoryDatabase,
  problem: (problem: FileProblem) => void,
): void {
  const distributed = packages.find((found) => isDistributed(found.ecosystem));
  if (distributed === undefined) return;
  const namespaces = lookupsOf(distributed, distribution).map(({ namespace }) => namespace);
  if (namespaces.some((namespace) => database.namespaces.has(namespace))) return;
  const name =
    distribution === undefined ? "an unknown distribution" : [distribution.id, distribution.version].join(" ").trim();
  problem({ path: distributed.evidence, plugin: "matching", what: `no advisories for the packages of ${name}` });
}
