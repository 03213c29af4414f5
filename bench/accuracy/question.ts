// What a label asks a matcher: in which ecosystem and distribution its package is, as far as label, image and advisories tell.

import { packageKey } from "../../src/findings/package-key.ts";
import type { Advisory } from "../../src/model/advisory.ts";
import type { Distribution, Ecosystem } from "../../src/model/package.ts";
import type { Label } from "./labels.ts";

export type Question = {
  readonly ecosystem: Ecosystem;
  /** Row of the table. */
  readonly group: string;
  readonly name: string;
  readonly distribution: Distribution | undefined;
  /** The image's distribution brought it: an inventory knows, a label does not say. */
  readonly isOwned: boolean;
};

export type Place = Pick<Advisory, "namespace" | "package">;

const languages: readonly Ecosystem[] = ["go", "pypi", "npm", "maven", "gem", "composer", "nuget", "cargo"];

const debianRelease = /(?:\+|~)deb(\d+)u\d/;

export type World = {
  readonly releases: ReadonlyMap<string, string>;
  /** Images whose packages come from rpm. */
  readonly rpmImages: ReadonlySet<string>;
  /** What some rpm brings along, in whatever image that was seen: `urllib3 1.24.2`. */
  readonly inRpms: ReadonlySet<string>;
};

export function worldOf(labels: readonly Label[]): World {
  const rpms = labels.filter(({ version }) => /\.(?:el|fc|amzn)\d/.test(version));
  const inRpms = rpms.map(({ package: name, version }) => {
    const upstream = /^(?:\d+:)?([^-]+)-/.exec(version)?.[1] ?? "";
    return `${name.replace(/^python3?-|^platform-python-|-libs$/, "")} ${upstream}`;
  });
  return {
    releases: debianReleases(labels),
    rpmImages: new Set(rpms.map(({ image }) => image)),
    inRpms: new Set(inRpms),
  };
}

/** Releases of Debian images, by the versions of their packages. */
function debianReleases(labels: readonly Label[]): ReadonlyMap<string, string> {
  const releases = new Map<string, string>();
  for (const { image, version } of labels) {
    const release = debianRelease.exec(version)?.[1];
    if (release !== undefined && !releases.has(image)) releases.set(image, release);
  }
  return releases;
}

/**
 * @param places where the advisories speak of the label's weakness
 * @returns undefined when the advisories at hand say nothing about this package and weakness in its world
 */
export function questionOf(label: Label, places: readonly Place[], world: World): Question | undefined {
  if (/ubuntu|\.(?:el|fc|amzn|am|cm)\d|\.module[+_]/.test(label.version)) return undefined;
  if (/-r\d+$/.test(label.version)) return apkQuestion(label, places);
  const release = /-[^-]+$/.test(label.version) ? world.releases.get(label.image) : undefined;
  if (
    release !== undefined &&
    places.some(({ namespace, package: name }) => namespace === `deb:debian:${release}` && name === label.package)
  ) {
    return {
      ecosystem: "deb",
      group: "Debian",
      name: label.package,
      distribution: os("debian", release),
      isOwned: false,
    };
  }
  return languageQuestion(label, places, world);
}

function apkQuestion(label: Label, places: readonly Place[]): Question | undefined {
  const isWolfi = label.image.includes("chainguard");
  const namespace = places.find(
    ({ namespace: one, package: name }) =>
      one.startsWith(isWolfi ? "apk:wolfi" : "apk:alpine") && name === label.package,
  );
  if (namespace === undefined) return undefined;
  const version = namespace.namespace.split(":")[2] ?? "";
  return {
    ecosystem: "apk",
    group: isWolfi ? "Wolfi" : "Alpine",
    name: label.package,
    distribution: os(isWolfi ? "wolfi" : "alpine", version),
    isOwned: false,
  };
}

/** A label does not say its ecosystem: it is the one in which an advisory about this weakness knows the name. */
function languageQuestion(label: Label, places: readonly Place[], world: World): Question | undefined {
  for (const ecosystem of languages) {
    const place = places.find(
      ({ namespace, package: name }) =>
        namespace === ecosystem && isNamed(ecosystem, name, packageKey(ecosystem, label.package)),
    );
    if (place !== undefined && isJenkinsPlugin(label, ecosystem)) return jenkinsQuestion(label);
    if (place !== undefined)
      return {
        ecosystem,
        group: ecosystem,
        name: place.package,
        distribution: undefined,
        isOwned: isOwned(label, world),
      };
  }
  return undefined;
}

function jenkinsQuestion(label: Label): Question {
  const name = `org.jenkins-ci.plugins:${label.package}`;
  return { ecosystem: "maven", group: "maven", name, distribution: undefined, isOwned: false };
}

/** Either somebody who looked at the image wrote so, or another label shows the rpm that holds this very version. */
function isOwned(label: Label, world: World): boolean {
  if (/package actually present is|actual package is|RedHat has patched/i.test(label.note)) return true;
  return world.rpmImages.has(label.image) && world.inRpms.has(`${label.package} ${label.version}`);
}

/** Images of a Jenkins hold its plugins: jars, whatever library of another language has the same name. */
function isJenkinsPlugin(label: Label, ecosystem: Ecosystem): boolean {
  return label.image.includes("/cloudbees-core-mm@") && ecosystem !== "maven" && ecosystem !== "go";
}

/** Labels of jars have no group. */
function isNamed(ecosystem: Ecosystem, name: string, wanted: string): boolean {
  return ecosystem === "maven" ? name.endsWith(`:${wanted}`) : name === wanted;
}

function os(id: string, version: string): Distribution {
  return { id, version, codename: "", prettyName: "" };
}
