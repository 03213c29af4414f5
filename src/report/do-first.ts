// What to do first: findings gathered into the few acts that end most of the danger. An upgrade that ends twelve findings is one act.

import { bySeverity } from "../base/severity.ts";
import type { Severity } from "../model/advisory.ts";
import type { Finding, Vulnerability } from "../model/finding.ts";
import { counted } from "./count-findings.ts";
import { compareNaturally } from "./natural-order.ts";

export type Advice = {
  /** Imperative, `upgrade openssl 3.0.9-1 to 3.0.11-1`. */
  readonly act: string;
  /** What it is good for: `ends 2 critical, 5 high; known exploited: CVE-2023-4863`. */
  readonly because: string;
  readonly severity: Severity;
};

type Weighed = Advice & { readonly weight: number };

/** Never more than `most`; the most urgent first. */
export function adviseFirst(findings: readonly Finding[], most: number = 5): readonly Advice[] {
  return [...adviseUpgrades(findings), ...adviseOthers(findings)]
    .sort((left, right) => right.weight - left.weight || (left.act < right.act ? -1 : 1))
    .slice(0, most)
    .map(({ act, because, severity }) => ({ act, because, severity }));
}

const weights: Readonly<Record<Severity, number>> = {
  critical: 100,
  high: 25,
  medium: 4,
  low: 1,
  negligible: 0.1,
  unknown: 2,
};

/** Above any number of upgrades: malware runs already, secrets are out already. */
const kindWeights = { malware: 1_000_000, "ambiguous-layer": 500_000, secret: 50_000, misconfiguration: 0 } as const;
const knownExploitedWeight = 2000;
const likelyExploitedWeight = 200;

function adviseUpgrades(findings: readonly Finding[]): readonly Weighed[] {
  const fixable = findings.filter(
    (finding): finding is Vulnerability => finding.kind === "vulnerability" && finding.fixedVersion !== "",
  );
  const byPackage = Map.groupBy(
    fixable,
    ({ ecosystem, package: name, version }) => `${ecosystem}\0${name}\0${version}`,
  );
  // Several packages of one source are ended by one upgrade: they share versions and weaknesses.
  const byUpgrade = Map.groupBy([...byPackage.values()], (group) => {
    const ids = [...new Set(group.map(({ id }) => id))].sort();
    return [group[0]?.ecosystem, group[0]?.version, highestFix(group), ...ids].join("\0");
  });
  return [...byUpgrade.values()].map((groups) => adviseUpgrade(groups));
}

function adviseUpgrade(groups: readonly (readonly Vulnerability[])[]): Weighed {
  const one = groups[0] ?? [];
  const names = groups.map((group) => group[0]?.package ?? "").sort();
  const unique = [...new Map(one.map((finding) => [finding.id, finding])).values()];
  const exploited = unique.filter(({ exploitation }) => exploitation.isKnownExploited).map(({ id }) => id);
  const shown = names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ");
  const known = exploited.length === 0 ? "" : `; known exploited: ${exploited.slice(0, 3).join(", ")}`;
  return {
    act: `upgrade ${shown} from ${one[0]?.version ?? ""} to ${highestFix(one)}`,
    because: `ends ${describeCounts(unique)}${known}`,
    severity: worst(unique),
    weight: unique.reduce((sum, finding) => sum + weightOf(finding), 0),
  };
}

function weightOf({ severity, exploitation }: Vulnerability): number {
  const likely = Math.max(0, exploitation.epss) * likelyExploitedWeight;
  return weights[severity] + likely + (exploitation.isKnownExploited ? knownExploitedWeight : 0);
}

/** The version that ends all of them. */
function highestFix(group: readonly Vulnerability[]): string {
  return group
    .map(({ fixedVersion }) => fixedVersion)
    .reduce((left, right) => (compareNaturally(left, right) < 0 ? right : left));
}

/** `2 critical, 5 high`. */
function describeCounts(findings: readonly Finding[]): string {
  const groups = Map.groupBy(findings, ({ severity }) => severity);
  return [...groups]
    .sort(([left], [right]) => bySeverity(left, right))
    .map(([severity, group]) => `${group.length} ${severity === "unknown" ? "unrated" : severity}`)
    .join(", ");
}

/** The same rule in many files is one act. */
function adviseOthers(findings: readonly Finding[]): readonly Weighed[] {
  const others = findings.filter((finding) => finding.kind !== "vulnerability");
  const groups = Map.groupBy(others, ({ kind, id, remedy }) => `${kind}\0${id}\0${remedy}`);
  return [...groups.values()].flatMap((group) => {
    const first = group[0];
    if (first === undefined) return [];
    const places = [...new Set(group.map(({ path }) => path).filter((path) => path !== ""))];
    const spot = `${places[0] ?? ""}${places.length > 1 ? ` and ${places.length - 1} more` : ""}`;
    const act = first.remedy === "" ? `look at ${first.title}` : first.remedy;
    // What a setting of a file needs says nothing without the file.
    const isAboutFile = spot !== "" && first.kind === "misconfiguration";
    const where = spot === "" || isAboutFile ? "" : ` in ${spot}`;
    return [
      {
        act: isAboutFile ? `${spot}: ${act}` : act,
        because: `${counted(group.length, wordOf(first))}: ${first.title}${where}`,
        severity: worst(group),
        weight: kindWeights[first.kind] + group.length * weights[worst(group)],
      },
    ];
  });
}

function wordOf({ kind }: Finding): string {
  if (kind === "malware") return "file of malware";
  return kind.replace("-", " ");
}

function worst(findings: readonly Finding[]): Severity {
  return findings.map(({ severity }) => severity).sort(bySeverity)[0] ?? "unknown";
}
