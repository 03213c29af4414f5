// One weakness may be fixed in several lines of the same package; only the line that the installed version is from says something.

import type { Package } from "../../model/package.ts";
import { schemeOf } from "../scheme-of.ts";
import type { Judgement } from "./judge.ts";

/** @param judgements all about the same weakness */
export function chooseStream(found: Package, judgements: readonly Judgement[]): readonly Judgement[] {
  if (found.ecosystem === "deb") return chooseUbuntuPocket(found, judgements);
  if (found.ecosystem === "rpm") return chooseMinorRelease(found, judgements);
  return judgements;
}

const isPro = ({ advisory }: Judgement): boolean => advisory.namespace.endsWith(":pro");

/**
 * A version with `esm` in it is judged by Ubuntu Pro. Another one by what everybody gets: a fix that only Pro has
 * is one that only subscribers get.
 */
function chooseUbuntuPocket(found: Package, judgements: readonly Judgement[]): readonly Judgement[] {
  const pro = judgements.filter(isPro);
  const base = judgements.filter((judgement) => !isPro(judgement));
  if (pro.length === 0) return base;
  if (/esm\d/.test(found.sourceVersion || found.version)) return pro;
  if (base.some(({ advisory }) => advisory.fixState === "fixed")) return base;
  const asSubscription = pro
    .filter(({ fixedVersion }) => fixedVersion !== "")
    .map((judgement) => ({
      ...judgement,
      advisory: { ...judgement.advisory, fixState: "subscription-only" as const },
    }));
  return [...asSubscription, ...base];
}

/** The minor release in a dist tag: 4 for `.el8_4.1`, -1 for `.el8`. */
function minorOf(version: string): number {
  const minor = /\.el\d+_(\d+)/.exec(version)?.[1];
  return minor === undefined ? -1 : Number(minor);
}

/**
 * Fixes for `el8_4` and `el8_6` are different lines. Without knowing the subscribed one, the line of the installed build counts;
 * without a fix there, the next higher; without that, the highest.
 */
function chooseMinorRelease(found: Package, judgements: readonly Judgement[]): readonly Judgement[] {
  const fixes = judgements.filter(({ advisory }) => advisory.ranges.some(({ fixed }) => fixed !== ""));
  const minors = [...new Set(fixes.map(({ advisory }) => minorOf(lastFix(advisory.ranges))))].sort((a, b) => a - b);
  if (minors.length < 2) return judgements;
  const installed = minorOf(found.version);
  const chosen = minors.find((minor) => minor >= installed && minor !== -1) ?? minors.at(-1);
  const line = installed === -1 && minors.includes(-1) ? -1 : chosen;
  const sameLine = fixes.filter(({ advisory }) => minorOf(lastFix(advisory.ranges)) === line);
  return sameLine.length === 0 ? newestFirst(found, fixes) : sameLine;
}

function lastFix(ranges: readonly { readonly fixed: string }[]): string {
  return ranges.findLast(({ fixed }) => fixed !== "")?.fixed ?? "";
}

function newestFirst(found: Package, fixes: readonly Judgement[]): readonly Judgement[] {
  const scheme = schemeOf(found.ecosystem);
  const sorted = [...fixes].sort((left, right) =>
    scheme.compare(lastFix(right.advisory.ranges), lastFix(left.advisory.ranges)),
  );
  return sorted.slice(0, 1);
}
