// An inventory and the advisories -> what is known to be wrong with its packages. Pure: the clock comes with the options.

import { limitExceeded } from "../../base/errors.ts";
import { isDistributed } from "../../base/package-url.ts";
import type { Advisory } from "../../model/advisory.ts";
import type { Vulnerability } from "../../model/finding.ts";
import type { Distribution, FileProblem, Inventory, LocatedPackage } from "../../model/package.ts";
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

/** The weakest images have some ten thousand. A made-up list names the package with the most advisories again and again. */
const maxFindings = 60_000;
const maxProblems = 1000;

/**
 * Every weakness of every package once, whatever number of publishers describe it.
 * @throws PlimsollError LIMIT_EXCEEDED for more than anybody can look at
 */
export function matchPackages(
  inventory: Inventory,
  database: AdvisoryDatabase,
  options: MatchOptions,
): readonly Vulnerability[] {
  const problems = limitProblems(options.problem ?? (() => undefined));
  reportUnknownDistribution(inventory, database, problems.tell);
  const scan = { database, options, problem: problems.tell, ...circumstancesOf(inventory, database, options) };
  const judged = inventory.packages.filter((found) => isJudged(found, options));
  const findings: (readonly Vulnerability[])[] = Array.from(judged, () => none);
  let count = 0;
  for (const at of asFiled(judged)) {
    const found = judged[at];
    const own = found === undefined ? none : matchPackage({ ...scan, found });
    findings[at] = own;
    count += own.length;
    if (count > maxFindings) throw limitExceeded("packages", `more than ${maxFindings} known weaknesses`);
  }
  problems.end();
  return findings.flat();
}

const none: readonly Vulnerability[] = [];

/** Fewer are looked up as they come. */
const maxUnsorted = 2000;

/** In the order in which advisories are filed: no block of the database is read twice, and few have to be kept. @returns places in the list */
function asFiled(packages: readonly LocatedPackage[]): Iterable<number> {
  if (packages.length <= maxUnsorted) return packages.keys();
  const keys = packages.map(({ ecosystem, sourceName }) => `${ecosystem} ${sourceName}`);
  return Uint32Array.from(packages.keys()).sort((one, other) => compare(keys[one] ?? "", keys[other] ?? ""));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

type Problems = { readonly tell: (problem: FileProblem) => void; readonly end: () => void };

function limitProblems(tell: (problem: FileProblem) => void): Problems {
  let count = 0;
  return {
    tell(problem) {
      count += 1;
      if (count <= maxProblems) tell(problem);
    },
    end() {
      const untold = count - maxProblems;
      if (untold > 0) tell({ path: "", plugin: "matching", what: `${untold} more versions could not be compared` });
    },
  };
}

type Circumstances = {
  readonly distribution: Distribution | undefined;
  /** The release gets no fixes any more. */
  readonly isEnded: boolean;
  /** All of this as text. */
  readonly key: string;
};

function circumstancesOf(
  { distribution }: Inventory,
  database: AdvisoryDatabase,
  options: MatchOptions,
): Circumstances {
  const support = distribution === undefined ? undefined : supportOf(distribution, database);
  const isEnded = support !== undefined && hasEnded(support, options.now);
  const { id, version, codename } = distribution ?? { id: "", version: "", codename: "" };
  return { distribution, isEnded, key: [id, version, codename, isEnded, options.withUnimportant === true].join("\0") };
}

type Question = Circumstances & {
  readonly found: LocatedPackage;
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
  const { found, database } = question;
  const findings = database.findingsOf(keyOf(question), () => judgePackage(question));
  return findings.map((finding) => ({ ...finding, path: found.evidence, layer: found.layer }));
}

/** All that the answer depends on. */
function keyOf({ found, key }: Question): string {
  const { ecosystem, name, version, sourceName, sourceVersion, module, vendor, linked } = found;
  const own = `${key}\0${ecosystem}\0${name}\0${version}\0${sourceName}\0${sourceVersion}\0${module}\0${vendor}`;
  return linked.length === 0 ? own : [own, ...linked].join("\0");
}

/** Not final when something could not be judged: that has to be told for each image. */
function judgePackage(question: Question): Answer {
  const lookups = lookupsOf(question.found, question.distribution);
  if (lookups.length === 0) return { findings: [], isFinal: true };
  let problems = 0;
  const counted: Judging = {
    ...question,
    lookups,
    problem: (problem) => {
      problems += 1;
      question.problem(problem);
    },
  };
  const known = question.database.knownOf(lookups);
  const judgements = judgeAdvisories(counted, known.advisories);
  const isWeak = [...judgements.values()].some(isAffected);
  const findings = isWeak
    ? known.weaknesses().flatMap((weakness) => judgeWeakness(question, weakness, judgements))
    : [];
  return { findings, isFinal: problems === 0 };
}

type Judging = Question & { readonly lookups: readonly Lookup[] };

/** Those that speak of this package. */
function judgeAdvisories(question: Judging, advisories: readonly Advisory[]): ReadonlyMap<Advisory, Judgement> {
  const judgements = new Map<Advisory, Judgement>();
  for (const advisory of advisories) {
    const judgement = judgeAdvisory(question, advisory);
    if (judgement !== undefined) judgements.set(advisory, judgement);
  }
  return judgements;
}

function judgeWeakness(
  question: Question,
  weakness: Weakness,
  all: ReadonlyMap<Advisory, Judgement>,
): readonly Vulnerability[] {
  const judgements = weakness.advisories.flatMap((advisory) => all.get(advisory) ?? []);
  if (!judgements.some(isAffected)) return [];
  const affected = chooseStream(question.found, judgements).filter(isAffected);
  return affected.length === 0 ? [] : [describe(question.found, weakness, affected, isOver(question))];
}

const isAffected = (judgement: Judgement): boolean => judgement.isAffected;

function isOver({ found, isEnded }: Question): boolean {
  return isEnded && isDistributed(found.ecosystem);
}

function judgeAdvisory({ found, lookups, options, problem }: Judging, advisory: Advisory): Judgement | undefined {
  if (advisory.isUnimportant && options.withUnimportant !== true) return undefined;
  const lookup = lookups.find(({ namespace, name }) => namespace === advisory.namespace && name === advisory.package);
  if (lookup === undefined || !lookup.accepts(advisory)) return undefined;
  const judgement = judge(advisory, lookup.version, schemeOf(found.ecosystem));
  if (typeof judgement !== "string") return judgement;
  problem({ path: found.evidence, plugin: "matching", what: `${found.name} ${lookup.version}: ${judgement}` });
  return undefined;
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
