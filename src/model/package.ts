// A piece of software that an image holds, and where that is known from.

export type Ecosystem =
  | "deb"
  | "rpm"
  | "apk"
  | "npm"
  | "pypi"
  | "go"
  | "maven"
  | "gem"
  | "composer"
  | "nuget"
  | "cargo"
  | "generic"; // a binary without package data, known by evidence in its bytes

/** /etc/os-release, as far as advisories need it. */
export type Distribution = {
  /** `debian`, `ubuntu`, `alpine`, `rhel`, `rocky`, `wolfi`, ... */
  readonly id: string;
  /** `12`, `22.04`, `3.10.3`; "" for rolling ones. */
  readonly version: string;
  readonly codename: string;
  readonly prettyName: string;
};

export type Package = {
  readonly ecosystem: Ecosystem;
  /** As advisories name it: `lodash`, `org.apache.logging.log4j:log4j-core`, `golang.org/x/net`, `libssl3`. */
  readonly name: string;
  /** Whole, with epoch where the ecosystem has one: `1:2.3-4`. */
  readonly version: string;
  /** "" where it does not matter. */
  readonly architecture: string;
  /** Distribution packages are judged by their source (deb), origin (apk) or source rpm; equal to name and version when there is no other. */
  readonly sourceName: string;
  readonly sourceVersion: string;
  /** SPDX expression or the file's own words; "" when unknown. */
  readonly license: string;
  /** Who built it: maintainer (deb), vendor (rpm); "" when unknown. Tells official builds from others. */
  readonly vendor: string;
  /** Module label of rpm (`nodejs:18:...`); "" else. */
  readonly module: string;
  /** Path of the file inside the image that says so; inside an archive `app.war!/WEB-INF/lib/x.jar`. */
  readonly evidence: string;
  /** Go only: import paths that are linked in; empty when unknown. */
  readonly linked: readonly string[];
  /** Go only: what is linked is known, and nothing of this module is: the linker left all of it out. */
  readonly isUnlinked?: boolean;
  /** A development dependency, or listed in a lock file without being installed. */
  readonly isInstalled: boolean;
};

/** What one file of an image tells about packages. Results are folded over layers by path. */
export type CatalogResult = {
  readonly packages: readonly Package[];
  /** Paths that the package manager put there, without leading slash: they are judged by the distribution's data. */
  readonly owned: readonly string[];
  readonly distribution?: Distribution;
  /** The package that `owned` belongs to, when the file speaks of one only: it has to be an installed one, or `owned` counts for nothing. */
  readonly owner?: string;
  /** Packages that somebody else than the distribution built: what they brought along is judged by itself, not by the distribution's data. */
  readonly thirdParty?: readonly string[];
  /** What could not be read although the rest could, one sentence each. */
  readonly problems?: readonly string[];
};

/** What one file of one layer told. */
export type FoundResult = {
  readonly path: string;
  /** Index of the layer; -1 when there are none. */
  readonly layer: number;
  /** Name of the cataloger. */
  readonly cataloger: string;
  readonly result: CatalogResult;
};

/** A file that could not be read as what it claims to be. It never ends a scan, and is never silent. */
export type FileProblem = {
  readonly path: string;
  readonly plugin: string;
  /** One sentence. */
  readonly what: string;
};

export type Inventory = {
  readonly distribution: Distribution | undefined;
  readonly packages: readonly LocatedPackage[];
  readonly problems: readonly FileProblem[];
};

export type LocatedPackage = Package & {
  /** Index of the layer that brought this version in; -1 when there are no layers. */
  readonly layer: number;
  /** The distribution's package manager owns the evidence: distribution data alone judges it. */
  readonly isOwnedByDistribution: boolean;
  /** A package of the distribution's package manager that somebody else built: the distribution's advisories do not speak of it. */
  readonly isForeignBuild?: boolean;
};
