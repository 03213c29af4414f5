// Which scheme orders the versions of an ecosystem.

import type { Ecosystem } from "../model/package.ts";
import type { VersionScheme } from "./version-scheme.ts";
import { versionSchemes } from "./version-schemes.generated.ts";

const byEcosystem: ReadonlyMap<Ecosystem, VersionScheme> = new Map(
  versionSchemes.flatMap((scheme) => scheme.ecosystems.map((ecosystem) => [ecosystem, scheme] as const)),
);

export function schemeOf(ecosystem: Ecosystem): VersionScheme {
  const scheme = byEcosystem.get(ecosystem);
  if (scheme === undefined) throw new TypeError(`no version scheme for ${ecosystem}`);
  return scheme;
}
