// Python's order of versions. Source: PEP 440; comparison by the library Renovate uses.

import { compare, valid } from "@renovatebot/pep440";
import { malformed } from "../../base/errors.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const python: VersionScheme = {
  name: "python",
  summary: "Python packages",
  needs: {},
  ecosystems: ["pypi"],
  compare(left, right) {
    return compare(checked(left), checked(right));
  },
};

function checked(text: string): string {
  if (text.length <= 256 && valid(text) !== null) return text;
  throw malformed("version", `no Python version: ${text.slice(0, 80)}`);
}
