// The name under which a package's advisories are filed: spellings that an ecosystem takes for the same are one.
// Source: PEP 503 (Python); NuGet and Packagist compare without regard to case.

import type { Ecosystem } from "../model/package.ts";

export function packageKey(ecosystem: Ecosystem, name: string): string {
  switch (ecosystem) {
    case "pypi":
      return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
    case "nuget":
    case "composer":
      return name.toLowerCase();
    default:
      return name;
  }
}
