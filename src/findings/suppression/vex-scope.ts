// Which statements speak of which finding. An image is recognized by its digest; by a name only when somebody vouches for the name.

import type { PackageUrl } from "../../base/package-url.ts";
import { purlOf } from "../../base/purl.ts";
import type { Vulnerability } from "../../model/finding.ts";
import type { Inventory, LocatedPackage } from "../../model/package.ts";
import type { VexProduct, VexStatement } from "../../model/vex.ts";
import { matchesPackage, tryReadPackageUrl } from "./purl-match.ts";

export type ImageIdentity = {
  /** Of index, manifest and config: `sha256:...`; those that are known. */
  readonly digests: readonly string[];
  /** `docker.io/library/nginx`: only names that a registry or a signature vouches for, not those an archive claims. */
  readonly repositories: readonly string[];
};

/** The package that a finding is about, as URL, and where it lies. */
export type Subject = { readonly url: PackageUrl; readonly path: string };

export interface VexScope {
  /** The statement that counts for a finding: the newest of all that speak of it. */
  statementFor(finding: Vulnerability): VexStatement | undefined;
}

export function vexScope(statements: readonly VexStatement[], inventory: Inventory, image: ImageIdentity): VexScope {
  const byName = new Map<string, VexStatement[]>();
  for (const statement of statements) {
    for (const name of statement.vulnerabilities) byName.set(name, [...(byName.get(name) ?? []), statement]);
  }
  let known: ReadonlyMap<string, Subject> | undefined;
  const speaksOf = (statement: VexStatement, subject: Subject, subjects: readonly Subject[]): boolean =>
    statement.products.some((product) => covers(product, subject, { subjects, image }));
  return {
    statementFor(finding) {
      const candidates = new Set([finding.id, ...finding.aliases].flatMap((name) => byName.get(name) ?? []));
      if (candidates.size === 0) return undefined;
      // Most scans never come here, and the URLs of all packages cost more than all else in a warm one.
      known ??= subjectsOf(inventory);
      const subject = known.get(keyOf(finding.ecosystem, finding.package, finding.version, finding.path));
      if (subject === undefined) return undefined;
      const subjects = [...known.values()];
      return [...candidates].filter((statement) => speaksOf(statement, subject, subjects)).reduce(newer, undefined);
    },
  };
}

/** Of two of the same time the later one in the documents' order counts. */
function newer(best: VexStatement | undefined, next: VexStatement): VexStatement {
  return best === undefined || timeOf(next) >= timeOf(best) ? next : best;
}

function timeOf({ timestamp }: VexStatement): number {
  const time = Date.parse(timestamp);
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}

function subjectsOf({ packages, distribution }: Inventory): ReadonlyMap<string, Subject> {
  return new Map(
    packages.flatMap((found) => {
      const url = tryReadPackageUrl(purlOf(found, distribution));
      return url === undefined ? [] : [[keyOfPackage(found), { url, path: found.evidence }] as const];
    }),
  );
}

function keyOfPackage(found: LocatedPackage): string {
  return keyOf(found.ecosystem, found.name, found.version, found.evidence);
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

type Context = { readonly subjects: readonly Subject[]; readonly image: ImageIdentity };

function covers(product: VexProduct, subject: Subject, context: Context): boolean {
  const parts = product.subcomponents.map(tryReadPackageUrl);
  const isPart = parts.some((part) => part !== undefined && matchesPackage(part, subject.url));
  if (isThisImage(product, context.image)) return parts.length === 0 || isPart;
  const url = tryReadPackageUrl(product.purl);
  if (url === undefined || url.type === "oci" || url.type === "docker") return false;
  if (parts.length === 0) return matchesPackage(url, subject.url);
  return (
    isPart && context.subjects.some((whole) => matchesPackage(url, whole.url) && isInside(subject.path, whole.path))
  );
}

/** `app.war!/WEB-INF/lib/x.jar` lies in `app.war`. */
function isInside(path: string, whole: string): boolean {
  return whole !== "" && path.startsWith(`${whole}!/`);
}

function isThisImage(product: VexProduct, image: ImageIdentity): boolean {
  if (product.digests.some((digest) => image.digests.includes(digest))) return true;
  const url = tryReadPackageUrl(product.purl);
  if (url === undefined || (url.type !== "oci" && url.type !== "docker")) return false;
  if (url.version.startsWith("sha256:")) return image.digests.includes(url.version);
  // A tag can be moved to another image at any time.
  if (url.version !== "" || url.qualifiers["tag"] !== undefined) return false;
  const repository = url.qualifiers["repository_url"] ?? "";
  return repository !== "" && image.repositories.includes(repository);
}
