// Where the advisories of a package are filed: in which namespaces, under which name, and by which version it is judged.

import type { Advisory } from "../../model/advisory.ts";
import type { Distribution, Package } from "../../model/package.ts";
import { packageKey } from "../package-key.ts";
import { distributionNamespaces } from "./distribution-namespaces.ts";
import { judgedSource } from "./kernel.ts";
import { isOfModule } from "./rpm-module.ts";
import { isFromDistribution } from "./rpm-vendor.ts";

export type Lookup = {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  /** False for an advisory that speaks of another build of the same name. */
  readonly accepts: (advisory: Advisory) => boolean;
};

const everything = (): boolean => true;

/** Empty: nothing can be said about this package. */
export function lookupsOf(found: Package, distribution: Distribution | undefined): readonly Lookup[] {
  switch (found.ecosystem) {
    case "deb":
      return inDistribution(distribution, judgedSource(found), everything, "deb:");
    case "apk":
      return inDistribution(
        distribution,
        { name: found.sourceName || found.name, version: found.version },
        everything,
        "apk:",
      );
    case "rpm":
      return isFromDistribution(found, distribution) ? rpmLookups(found, distribution) : [];
    case "go":
      return goLookups(found);
    default:
      return [{ ...named(found), accepts: everything }];
  }
}

function named(found: Package): Omit<Lookup, "accepts"> {
  return { namespace: found.ecosystem, name: packageKey(found.ecosystem, found.name), version: found.version };
}

function inDistribution(
  distribution: Distribution | undefined,
  source: { readonly name: string; readonly version: string } | undefined,
  accepts: Lookup["accepts"],
  prefix: string,
): readonly Lookup[] {
  if (distribution === undefined || source === undefined) return [];
  return distributionNamespaces(distribution)
    .filter((namespace) => namespace.startsWith(prefix))
    .map((namespace) => ({ namespace, name: source.name, version: source.version, accepts }));
}

/** Publishers name what they fixed by its package, and what they did not fix by its source. */
function rpmLookups(found: Package, distribution: Distribution | undefined): readonly Lookup[] {
  const names = new Set([found.name, found.sourceName].filter((name) => name !== ""));
  const accepts = (advisory: Advisory): boolean => isOfModule(found, advisory);
  return [...names].flatMap((name) => inDistribution(distribution, { name, version: found.version }, accepts, "rpm:"));
}

/** A module whose version nobody knows is compared with nothing; one whose weak package is not linked in is not weak. */
function goLookups(found: Package): readonly Lookup[] {
  if (!/^(?:v|go)?\d/.test(found.version)) return [];
  const linked = new Set(found.linked);
  const isKnown = linked.size > 0 || found.isUnlinked === true;
  const accepts = ({ imports }: Advisory): boolean =>
    imports.length === 0 || !isKnown || imports.some((path) => linked.has(path));
  return [{ ...named(found), accepts }];
}
