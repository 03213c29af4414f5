// Modular packages of Red Hat and its relatives: advisories of one stream say nothing about another one.
// Source: Fedora modularity documentation; the tag ModularityLabel, `nodejs:18:9020020230825081254:rhel9`.

import type { Advisory } from "../../model/advisory.ts";
import type { Package } from "../../model/package.ts";

export function isOfModule(found: Package, advisory: Advisory): boolean {
  if (advisory.module !== "") return advisory.module === streamOf(found.module);
  return !isModular(found) || !fixesAreModular(advisory) || found.module === "";
}

function streamOf(label: string): string {
  return label.split(":").slice(0, 2).join(":");
}

function isModular(found: Package): boolean {
  return found.module !== "" || found.version.includes(".module");
}

function fixesAreModular(advisory: Advisory): boolean {
  return advisory.ranges.some(({ fixed }) => fixed.includes(".module"));
}
