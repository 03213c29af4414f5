// What a label asks a matcher: in which ecosystem and distribution its package is, as far as label, image and advisories tell.

import { packageKey } from "../../src/findings/package-key.ts";
import type { Advisory } from "../../src/model/advisory.ts";
import type { Distribution, Ecosystem } from "../../src/model/package.ts";
import type { Label } from "./labels.ts";
import { alpineOrigin, debianSource } from "./sources.ts";

export type Question = {
  /** More than one where the label leaves it open: it must be found in none of them. */
  readonly ecosystems: readonly Ecosystem[];
  /** Row of the table. */
  readonly group: string;
  readonly name: string;
  readonly distribution: Distribution | undefined;
  /** The image's distribution brought it: an inventory knows, a label does not say. */
  readonly isOwned: boolean;
};

/** Why a label cannot be judged with these advisories. */
export type Unasked = { readonly reason: string };

export type Place = Pick<Advisory, "namespace" | "package">;

const languages: readonly Ecosystem[] = ["go", "pypi", "npm", "maven", "gem", "composer", "nuget", "cargo"];

const debianRelease = /(?:\+|~)deb(\d+)u\d/;

export type World = {
  readonly releases: ReadonlyMap<string, string>;
  /** Images whose packages come from rpm. */
  readonly rpmImages: ReadonlySet<string>;
  /** What some rpm brings along, in whatever image that was seen: `urllib3 1.24.2`. */
  readonly inRpms: ReadonlySet<string>;
  /** Upstream versions of an image's apk packages: `IMAGE go 1.13.15`. */
  readonly inApks: ReadonlySet<string>;
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
    inApks: new Set(
      labels.flatMap(({ image, package: name, version }) => {
        const upstream = /^(.+)-r\d+$/.exec(version)?.[1];
        return upstream === undefined ? [] : [`${image} ${name} ${upstream}`];
      }),
    ),
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

const otherDistributions: readonly (readonly [shape: RegExp, reason: string])[] = [
  [/ubuntu|build\d+$|~\d\d\.\d\d\.\d+$/, "Ubuntu: no advisories of Ubuntu at hand"],
  [/\.el\d|\.module[+_]|\.el\d*ost/, "Red Hat and its rebuilds: no advisories of theirs at hand"],
  [/\.amzn?\d/, "Amazon Linux: no advisories of Amazon at hand"],
  [/\.(?:fc|cm)\d/, "Fedora, Mariner: no advisories of theirs at hand"],
];

/** @param places where the advisories speak of the label's weakness */
export function questionOf(label: Label, places: readonly Place[], world: World): Question | Unasked {
  const other = otherDistributions.find(([shape]) => shape.test(label.version));
  if (other !== undefined) return { reason: other[1] };
  if (label.image.includes("suse")) return { reason: "SUSE: no advisories of SUSE at hand" };
  if (/-r\d+$/.test(label.version)) return apkQuestion(label, places);
  return (
    debianQuestion(label, places, world) ?? languageQuestion(label, places, world) ?? nameQuestion(label, places, world)
  );
}

function debianQuestion(label: Label, places: readonly Place[], world: World): Question | undefined {
  const release = /-[^-]+$/.test(label.version) ? world.releases.get(label.image) : undefined;
  if (release === undefined) return undefined;
  const source = debianSource(label.package);
  const isTold = places.some(
    ({ namespace, package: name }) => namespace === `deb:debian:${release}` && name === source,
  );
  return isTold
    ? { ecosystems: ["deb"], group: "Debian", name: source, distribution: os("debian", release), isOwned: false }
    : undefined;
}

function apkQuestion(label: Label, places: readonly Place[]): Question | Unasked {
  const isWolfi = label.image.includes("chainguard");
  const origin = alpineOrigin(label.package);
  const told = places.find(
    ({ namespace, package: name }) => namespace.startsWith(isWolfi ? "apk:wolfi" : "apk:alpine") && name === origin,
  );
  if (told === undefined) return { reason: "Alpine, Wolfi: the fix lists at hand (3.10, 3.11, Wolfi) do not name it" };
  // The labelled images are of other releases: what they repaired themselves, lists of 3.10 and 3.11 do not know.
  if (!isWolfi && !label.isTrue) return { reason: "Alpine: repaired in another release than those at hand" };
  return {
    ecosystems: ["apk"],
    group: isWolfi ? "Wolfi" : "Alpine",
    name: origin,
    distribution: os(isWolfi ? "wolfi" : "alpine", told.namespace.split(":")[2] ?? ""),
    isOwned: false,
  };
}

/** Something else has this weakness. What only shares a word with it must not be taken for it, in whatever world it is. */
function nameQuestion(label: Label, places: readonly Place[], world: World): Question | Unasked {
  if (places.length === 0) return { reason: "the weakness is in none of the advisories at hand" };
  if (world.releases.has(label.image) && /-[^-]+$/.test(label.version))
    return { reason: "Debian: not fixed, or fixed in another release, and no tracker at hand that says so" };
  if (label.isTrue) return { reason: "the advisories at hand know the weakness in other packages only" };
  return {
    ecosystems: [...languages, "generic"],
    group: "other names",
    name: label.package,
    distribution: undefined,
    isOwned: false,
  };
}

/** A label does not say its ecosystem: it is the one in which an advisory about this weakness knows the name. */
function languageQuestion(label: Label, places: readonly Place[], world: World): Question | Unasked | undefined {
  const wanted = label.package === "go" ? "stdlib" : label.package;
  if (wanted !== label.package && !label.isTrue && !isOwned(label, world))
    return { reason: "the labelled tool took a file for a Go that is not there" };
  for (const ecosystem of languages) {
    const place = places.find(
      ({ namespace, package: name }) =>
        namespace === ecosystem && isNamed(ecosystem, name, packageKey(ecosystem, wanted)),
    );
    if (place !== undefined && isJenkinsPlugin(label, ecosystem)) return jenkinsQuestion(label);
    if (place !== undefined)
      return {
        ecosystems: [ecosystem],
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
  return { ecosystems: ["maven"], group: "maven", name, distribution: undefined, isOwned: false };
}

/** Either somebody who looked at the image wrote so, or another label shows the rpm that holds this very version. */
function isOwned(label: Label, world: World): boolean {
  if (/package actually present is|actual package is|RedHat has patched/i.test(label.note)) return true;
  if (world.inApks.has(`${label.image} ${label.package} ${label.version}`)) return true;
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
