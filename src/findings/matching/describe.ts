// From all advisories about one weakness of one package to the one finding that people see.

import type { FixState } from "../../model/advisory.ts";
import type { Vulnerability } from "../../model/finding.ts";
import type { LocatedPackage } from "../../model/package.ts";
import type { AdvisoryDatabase } from "../database/open-database.ts";
import { schemeOf } from "../scheme-of.ts";
import { sortedNames } from "./identity.ts";
import type { Judgement } from "./judge.ts";
import { rate } from "./rate.ts";

type Context = { readonly database: AdvisoryDatabase; readonly isEnded: boolean };

/** @param affected at least one */
export function describe(found: LocatedPackage, affected: readonly Judgement[], context: Context): Vulnerability {
  const advisories = affected.map(({ advisory }) => advisory);
  const [id = "", ...aliases] = sortedNames(advisories);
  const fixedVersion = sufficientFix(found, affected);
  const fixState = fixStateOf(affected, fixedVersion, context.isEnded);
  const first = <K extends "namespace" | "url" | "published" | "summary">(key: K): string =>
    advisories.find((advisory) => advisory[key] !== "")?.[key] ?? "";
  return {
    kind: "vulnerability",
    id,
    aliases,
    ecosystem: found.ecosystem,
    package: found.name,
    version: found.version,
    advisories: [...new Set(advisories.map((advisory) => advisory.id))],
    namespace: first("namespace"),
    fixState,
    fixedVersion,
    ...rate(advisories, id, context.database),
    exploitation: context.database.exploitationOf(id),
    url: first("url"),
    published: first("published"),
    title: first("summary") || `${id} in ${found.name}`,
    remedy: remedyOf(found, fixState, fixedVersion),
    path: found.evidence,
    layer: found.layer,
  };
}

/** The highest of the fixes: with it, every publisher is content. */
function sufficientFix(found: LocatedPackage, affected: readonly Judgement[]): string {
  const scheme = schemeOf(found.ecosystem);
  const fixes = affected.map(({ fixedVersion }) => fixedVersion).filter((version) => version !== "");
  return fixes.reduce(
    (highest, version) => (highest === "" || scheme.compare(version, highest) > 0 ? version : highest),
    "",
  );
}

function fixStateOf(affected: readonly Judgement[], fixedVersion: string, isEnded: boolean): FixState {
  const states = affected.map(({ advisory }) => advisory.fixState);
  if (states.includes("subscription-only")) return "subscription-only";
  if (fixedVersion !== "") return "fixed";
  if (isEnded) return "end-of-life";
  return states.find((state) => state !== "fixed" && state !== "unfixed") ?? "unfixed";
}

function remedyOf(found: LocatedPackage, fixState: FixState, fixedVersion: string): string {
  if (fixState === "fixed") return `update ${found.name} to ${fixedVersion} or later`;
  if (fixState === "subscription-only") return `attach a subscription and update ${found.name} to ${fixedVersion}`;
  if (fixState === "end-of-life") return "build on a release that still gets fixes";
  return "";
}
