// Sentences about a scan that several formats show alike.

import { printable } from "../base/printable.ts";
import type { AdvisoryData, ScanResult } from "../model/scan.ts";
import { countBySeverity, counted } from "./count-findings.ts";

/** `3 hours`, `2 days`; `an unknown time` when one of the two is no date. */
function ageBetween(from: string, to: string): string {
  const minutes = Math.floor((Date.parse(to) - Date.parse(from)) / 60_000);
  if (Number.isNaN(minutes)) return "an unknown time";
  if (minutes < 60) return counted(Math.max(0, minutes), "minute");
  if (minutes < 48 * 60) return counted(Math.floor(minutes / 60), "hour");
  return counted(Math.floor(minutes / (24 * 60)), "day");
}

/** What the scan knew, in one sentence: every report says it. */
export function describeData(data: AdvisoryData, scannedAt: string): string {
  if (data.digest === "") return "no advisory data: packages were listed, not judged; run plimsoll advisories update";
  const advisories = data.feeds.reduce((sum, feed) => sum + feed.advisories, 0);
  const feeds = counted(data.feeds.length, "feed");
  const amount = advisories === 0 ? "" : `, ${advisories.toLocaleString("en-US")} advisories of ${feeds}`;
  return `advisory data is ${ageBetween(data.builtAt, scannedAt)} old${amount}`;
}

/** `debian 12`, or "" when the image does not say. */
export function describeDistribution({ inventory: { distribution } }: ScanResult): string {
  if (distribution === undefined) return "";
  return printable(distribution.prettyName || [distribution.id, distribution.version].filter(Boolean).join(" "), 60);
}

/** The whole scan in one line, for those who look at the report later. */
export function describeScan(result: ScanResult): string {
  const counts = countBySeverity(result.findings).filter(({ count }) => count > 0);
  const amounts = counts.map(({ severity, count }) => `${count} ${severity}`).join(", ");
  const verdict = result.decision === undefined ? "" : result.decision.verdict === "allow" ? "allowed, " : "denied, ";
  const data = describeData(result.advisoryData, result.scannedAt);
  return `plimsoll: ${result.image.subject}: ${verdict}${amounts === "" ? "nothing found" : amounts}; ${data}`;
}

export function describePlatform({ image: { config } }: ScanResult): string {
  const { os, architecture, variant } = config.platform;
  return printable([os, architecture, variant].filter(Boolean).join("/"), 60);
}

/** The line of the Dockerfile that made a layer, without what the builder wrapped it in. "" when nobody says. */
export function dockerfileLine(createdBy: string): string {
  const plain = createdBy
    .replace(/\s*# buildkit\s*$/, "")
    .replace(/^\|\d+ (?:\S+=\S* )*/, "")
    .replace(/^(?:RUN )?\/bin\/(?:ba)?sh -o? ?(?:pipefail )?-c #\(nop\)\s*/, "")
    .replace(/^(?:RUN )?(?:\|\d+ .*?)?\/bin\/(?:ba)?sh -c #\(nop\)\s*/, "")
    .replace(/^(?:RUN )?(?:\|\d+ .*?)?\/bin\/(?:ba)?sh -c\s+/, "RUN ");
  return plain.replaceAll(/\s+/g, " ").trim();
}

export function lineOfLayer({ image }: ScanResult, layer: number): string {
  const found = image.layers.find(({ index }) => index === layer);
  return found === undefined ? "" : dockerfileLine(found.createdBy);
}
