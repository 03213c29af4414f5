// What OSV calls an ecosystem, in our words: `Debian:12` is deb:debian:12, `Red Hat:enterprise_linux:9::appstream` is rpm:rhel:9.
// Source: OSV schema, "Defined Ecosystems"; ecosystem strings as osv.dev lists them.

import type { Ecosystem } from "../../model/package.ts";

export type Place = { readonly ecosystem: Ecosystem; readonly namespace: string };

const languages: Readonly<Record<string, Ecosystem>> = {
  npm: "npm",
  PyPI: "pypi",
  Go: "go",
  Maven: "maven",
  RubyGems: "gem",
  "crates.io": "cargo",
  Packagist: "composer",
  NuGet: "nuget",
  Bitnami: "generic",
};

const distributions: readonly (readonly [RegExp, Ecosystem, string])[] = [
  [/^Debian:(\d+)$/, "deb", "deb:debian:$1"],
  [/^Ubuntu:Pro:(\d+\.\d+)(?::LTS)?$/, "deb", "deb:ubuntu:$1:pro"],
  [/^Ubuntu:(\d+\.\d+)(?::LTS)?$/, "deb", "deb:ubuntu:$1"],
  [/^Alpine:v(\d+\.\d+)$/, "apk", "apk:alpine:$1"],
  [/^Alpine:edge$/, "apk", "apk:alpine:edge"],
  [/^Wolfi$/, "apk", "apk:wolfi"],
  [/^Chainguard$/, "apk", "apk:chainguard"],
  [/^Rocky Linux:(\d+)$/, "rpm", "rpm:rocky:$1"],
  [/^AlmaLinux:(\d+)$/, "rpm", "rpm:almalinux:$1"],
  [/^Red Hat:(?:enterprise_linux|rhel_\w+):(\d+)(?:\.\d+)?(?:::\w+)?$/, "rpm", "rpm:rhel:$1"],
  [/^SUSE:Linux Enterprise (?:Server|Module for [\w ]+?) (\d+)$/, "rpm", "rpm:sles:$1"],
  [/^SUSE:Linux Enterprise (?:Server|Module for [\w ]+?) (\d+) SP(\d+)(?:-\w+)?$/, "rpm", "rpm:sles:$1.$2"],
  [/^openSUSE:Leap (\d+\.\d+)$/, "rpm", "rpm:opensuse-leap:$1"],
  [/^openSUSE:Tumbleweed$/, "rpm", "rpm:opensuse-tumbleweed"],
  [/^Azure Linux:(\d+)$/, "rpm", "rpm:azurelinux:$1"],
];

/** undefined: nothing that an image holds. */
export function placeOf(name: string): Place | undefined {
  const language = Object.hasOwn(languages, name) ? languages[name] : undefined;
  if (language !== undefined) return { ecosystem: language, namespace: language };
  for (const [pattern, ecosystem, namespace] of distributions) {
    if (pattern.test(name)) return { ecosystem, namespace: name.replace(pattern, namespace) };
  }
  return undefined;
}
