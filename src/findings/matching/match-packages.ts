// An inventory and the advisories -> what is known to be wrong with its packages. Pure: the clock comes with the options.

import { isDistributed } from "../../base/package-url.ts";
import type { Advisory, DistributionSupport } from "../../model/advisory.ts";
import type { Vulnerability } from "../../model/finding.ts";
import type { FileProblem, Inventory, LocatedPackage } from "../../model/package.ts";
import type { AdvisoryDatabase, Answer } from "../database/open-database.ts";
import type { Weakness } from "../database/weaknesses.ts";
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

/** Many images hold the same packages: what is found in one is found in all, but for the place. */
function matchPackage(question: Question): readonly Vulnerability[] {
  const { found, database, lookups } = question;
  if (lookups.length === 0) return [];
  const findings = database.findingsOf(keyOf(question), () => judgePackage(question));
  return findings.map((finding) => ({ ...finding, path: found.evidence, layer: found.layer }));
}

/** All that the answer depends on. */
function keyOf({ found, lookups, options, support }: Question): string {
  const { ecosystem, name, version, sourceName, sourceVersion, module, linked } = found;
  const places = lookups.map(({ namespace }) => namespace).join(" ");
  const isEnded = support !== undefined && hasEnded(support, options.now);
  const of = [
    ecosystem,
    name,
    version,
    sourceName,
    sourceVersion,
    module,
    places,
    isEnded,
    options.withUnimportant === true,
  ];
  return linked.length === 0 ? of.join("\0") : [...of, ...linked].join("\0");
}

/** Not final when something could not be judged: that has to be told for each image. */
function judgePackage(question: Question): Answer {
  let problems = 0;
  const counted: Question = {
    ...question,
    problem: (problem) => {
      problems += 1;
      question.problem(problem);
    },
  };
  const findings = question.database
    .weaknessesOf(question.lookups)
    .flatMap((weakness) => judgeWeakness(counted, weakness));
  return { findings, isFinal: problems === 0 };
}

function judgeWeakness(question: Question, weakness: Weakness): readonly Vulnerability[] {
  const judgements = weakness.advisories.flatMap((advisory) => judgeAdvisory(question, advisory));
  if (!judgements.some(isAffected)) return [];
  const affected = chooseStream(question.found, judgements).filter(isAffected);
  return affected.length === 0 ? [] : [describe(question.found, weakness, affected, isOver(question))];
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
