// Versions of programs that no package manager put there: by number and letter, words for pre-releases before the release.

import { malformed } from "../../base/errors.ts";
import { compareNatural } from "../natural-order.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const generic: VersionScheme = {
  name: "generic",
  summary: "programs known by their bytes",
  needs: {},
  ecosystems: ["generic"],
  compare(left, right) {
    return compareNatural(normalize(left), normalize(right));
  },
};

function normalize(version: string): string {
  const plain = version.trim().replace(/^v(?=\d)/i, "");
  if (!/^\d\S*$/.test(plain)) throw malformed("version", `no version: ${version.slice(0, 80)}`);
  return plain.toLowerCase().replaceAll(/[-._~]*(alpha|beta|pre|rc|dev)/g, "~$1");
}
