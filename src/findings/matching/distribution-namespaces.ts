// Which advisories speak of a distribution: `debian 12.5` reads `deb:debian:12`. Also where the feeds file them.

import type { Distribution } from "../../model/package.ts";

/** Releases by name, for images of testing and unstable, which have no number. Source: debian.csv of distro-info-data. */
const debianReleases: Readonly<Record<string, string>> = {
  etch: "4",
  lenny: "5",
  squeeze: "6",
  wheezy: "7",
  jessie: "8",
  stretch: "9",
  buster: "10",
  bullseye: "11",
  bookworm: "12",
  trixie: "13",
  forky: "14",
  duke: "15",
};

/** `deb:debian:12` for bookworm; releases without a number keep their name, `deb:debian:sid`. */
export function debianNamespace(codename: string): string {
  return `deb:debian:${Object.hasOwn(debianReleases, codename) ? debianReleases[codename] : codename}`;
}

/** First number of a version. */
const major = (version: string): string => version.split(".", 1)[0] ?? "";
const minor = (version: string): string => version.split(".").slice(0, 2).join(".");

type Rule = (distribution: Distribution) => readonly string[];

const rules: Readonly<Record<string, Rule>> = {
  debian: (found) => [debianOf(found)],
  raspbian: (found) => [debianOf(found)],
  ubuntu: ({ version }) => [`deb:ubuntu:${version}`, `deb:ubuntu:${version}:pro`],
  alpine: ({ version }) => [/_|^$/.test(version) ? "apk:alpine:edge" : `apk:alpine:${minor(version)}`],
  wolfi: () => ["apk:wolfi"],
  chainguard: () => ["apk:chainguard", "apk:wolfi"],
  rhel: ({ version }) => [`rpm:rhel:${major(version)}`],
  centos: ({ version }) => [`rpm:rhel:${major(version)}`],
  rocky: ({ version }) => [`rpm:rocky:${major(version)}`],
  almalinux: ({ version }) => [`rpm:almalinux:${major(version)}`],
  ol: ({ version }) => [`rpm:oracle:${major(version)}`],
  amzn: ({ version }) => [`rpm:amazon:${version === "2018.03" ? "1" : major(version)}`],
  fedora: ({ version }) => [`rpm:fedora:${version}`],
  "opensuse-leap": ({ version }) => [`rpm:opensuse-leap:${version}`],
  "opensuse-tumbleweed": () => ["rpm:opensuse-tumbleweed"],
  sles: ({ version }) => [`rpm:sles:${version}`],
  azurelinux: ({ version }) => [`rpm:azurelinux:${major(version)}`],
  mariner: ({ version }) => [`rpm:azurelinux:${major(version)}`],
  photon: ({ version }) => [`rpm:photon:${minor(version)}`],
};

/** Empty for a distribution that no feed speaks of. */
export function distributionNamespaces(distribution: Distribution): readonly string[] {
  return Object.hasOwn(rules, distribution.id) ? (rules[distribution.id]?.(distribution) ?? []) : [];
}

function debianOf({ version, codename }: Distribution): string {
  if (version !== "") return `deb:debian:${major(version)}`;
  return debianNamespace(codename === "" ? "sid" : codename);
}
