// What is known about a weakness in a package, in one normal form for all feeds.

export type Severity = "unknown" | "negligible" | "low" | "medium" | "high" | "critical";

export type FixState =
  | "fixed"
  | "unfixed"
  | "wont-fix"
  | "deferred"
  | "end-of-life"
  | "under-investigation"
  | "subscription-only"; // fixed for paying customers (Ubuntu Pro)

/** Versions introduced <= v < fixed, or introduced <= v <= lastAffected. "" introduced: from the beginning; "" both others: no end. */
export type VersionRange = {
  readonly introduced: string;
  readonly fixed: string;
  readonly lastAffected: string;
};

export type Advisory = {
  /** As its publisher names it: `DSA-5532-1`, `GHSA-...`, `CVE-...`. */
  readonly id: string;
  readonly aliases: readonly string[];
  /** Name of the feed. */
  readonly feed: string;
  /** `deb:debian:12`, `deb:ubuntu:22.04`, `apk:alpine:3.19`, `apk:wolfi`, `rpm:rhel:9`, `npm`, `pypi`, `go`, `maven`, ... */
  readonly namespace: string;
  /** The name by which this namespace is asked: source package for deb, origin for apk, folded name for pypi and nuget. */
  readonly package: string;
  readonly ranges: readonly VersionRange[];
  /** Exactly these versions too. */
  readonly versions: readonly string[];
  readonly fixState: FixState;
  /** The publisher's own rating; `unknown` when it gives none. */
  readonly severity: Severity;
  /** CVSS vectors, newest standard first. */
  readonly cvss: readonly string[];
  /** One line. */
  readonly summary: string;
  readonly url: string;
  /** RFC 3339 date of publication; "" when unknown. */
  readonly published: string;
  /** Go: the finding stands only when one of these import paths is linked; empty: always. */
  readonly imports: readonly string[];
  /** rpm: `name:stream` of the module it speaks of; "" for none. */
  readonly module: string;
  /** Its publisher doubts that it matters (Debian: unimportant, undetermined): matched only when asked for. */
  readonly isUnimportant: boolean;
};

/** How likely and how real, from outside the advisories. */
export type Exploitation = {
  /** EPSS probability 0..1; -1 when unknown. */
  readonly epss: number;
  /** In CISA's list of known exploited vulnerabilities. */
  readonly isKnownExploited: boolean;
};

/** Until when a release of a distribution gets fixes. Dates are `2026-06-30`; "" when unknown. */
export type DistributionSupport = {
  /** As in os-release: `debian`. */
  readonly distribution: string;
  /** `12`, `22.04` */
  readonly version: string;
  readonly endOfLife: string;
  /** Of what the public still gets (Debian LTS); "" when there is none. */
  readonly endOfExtended: string;
};
