// A component of somebody's SBOM -> a package as advisories name it. The package URL says what it is; what has none is not known to any feed.
// Source: purl-spec, PURL-TYPES.rst; the properties that widely used tools add for a distribution's source packages.

import { PlimsollError } from "../../base/errors.ts";
import { type PackageUrl, readPackageUrl } from "../../base/package-url.ts";
import type { Distribution, Ecosystem, LocatedPackage } from "../../model/package.ts";

export type SbomComponent = {
  readonly purl: string;
  readonly license: string;
  readonly vendor: string;
  /** "" when the document does not say. */
  readonly sourceName: string;
  readonly sourceVersion: string;
  readonly evidence: string;
};

export type ReadComponent = {
  readonly found: LocatedPackage;
  /** What the package URL says of the distribution. */
  readonly distribution: Distribution | undefined;
};

const ecosystems: Readonly<Record<string, Ecosystem>> = {
  deb: "deb",
  rpm: "rpm",
  apk: "apk",
  npm: "npm",
  pypi: "pypi",
  golang: "go",
  maven: "maven",
  gem: "gem",
  composer: "composer",
  nuget: "nuget",
  cargo: "cargo",
  generic: "generic",
};

/** @returns undefined for what is no package of an ecosystem we know @throws PlimsollError MALFORMED_INPUT */
export function readComponent(component: SbomComponent): ReadComponent | undefined {
  const url = readPackageUrl(component.purl);
  const ecosystem = Object.hasOwn(ecosystems, url.type) ? ecosystems[url.type] : undefined;
  if (ecosystem === undefined) return undefined;
  if (url.version === "") throw noVersion(component.purl);
  const name = nameOf(url, ecosystem);
  const version = versionOf(url, ecosystem);
  const [upstreamName = "", upstreamVersion = ""] = splitUpstream(url.qualifiers["upstream"] ?? "");
  return {
    distribution: distributionOf(url),
    found: {
      ecosystem,
      name,
      version,
      architecture: url.qualifiers["arch"] ?? "",
      sourceName: component.sourceName || upstreamName || name,
      sourceVersion: component.sourceVersion || upstreamVersion || version,
      license: component.license,
      vendor: component.vendor,
      module: url.qualifiers["rpmmod"] ?? "",
      evidence: component.evidence,
      linked: [],
      isInstalled: true,
      layer: -1,
      isOwnedByDistribution: false,
    },
  };
}

function nameOf({ namespace, name }: PackageUrl, ecosystem: Ecosystem): string {
  switch (ecosystem) {
    case "deb":
    case "rpm":
    case "apk":
    case "pypi":
      return name;
    case "maven":
      return namespace === "" ? name : `${namespace}:${name}`;
    default:
      return namespace === "" ? name : `${namespace}/${name}`;
  }
}

function versionOf({ version, qualifiers }: PackageUrl, ecosystem: Ecosystem): string {
  const epoch = qualifiers["epoch"] ?? "";
  const hasEpoch = (ecosystem === "rpm" || ecosystem === "deb") && /^\d+$/.test(epoch) && !version.includes(":");
  return hasEpoch && epoch !== "0" ? `${epoch}:${version}` : version;
}

/** `openssl@3.0.11-1`, `openssl`. */
function splitUpstream(upstream: string): readonly string[] {
  const at = upstream.indexOf("@", 1);
  return at === -1 ? [upstream, ""] : [upstream.slice(0, at), upstream.slice(at + 1)];
}

/** `distro=debian-12`, `distro=alpine-3.19.1`, `distro=bookworm` with the namespace beside it. */
function distributionOf({ type, namespace, qualifiers }: PackageUrl): Distribution | undefined {
  if (!["deb", "rpm", "apk"].includes(type)) return undefined;
  const match = /^([a-z][a-z0-9_]*(?:-[a-z]+)*?)-(\d[\w.]*)$/.exec((qualifiers["distro"] ?? "").toLowerCase());
  const id = match?.[1] ?? namespace.toLowerCase();
  if (id === "") return undefined;
  return { id: id === "redhat" ? "rhel" : id, version: match?.[2] ?? "", codename: "", prettyName: "" };
}

function noVersion(purl: string): PlimsollError {
  return new PlimsollError("MALFORMED_INPUT", `${purl}: no version`, { hint: "make the SBOM with versions" });
}
