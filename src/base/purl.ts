// The package URL of a package: one name for it in every SBOM, VEX statement and report.
// Source: github.com/package-url/purl-spec, PURL-SPECIFICATION.rst and PURL-TYPES.rst.

import type { Distribution, Package } from "../model/package.ts";
import { never } from "./errors.ts";

/** @param distribution of the image; tells whose `curl` a distribution's package is */
export function purlOf(item: Package, distribution: Distribution | undefined): string {
  const { type, namespace, name, version, qualifiers } = partsOf(item, distribution);
  const path = [type, ...namespace.map(encode), encode(name)].join("/");
  const query = Object.entries(qualifiers)
    .filter(([, value]) => value !== "")
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key}=${encode(value)}`)
    .join("&");
  return `pkg:${path}${version === "" ? "" : `@${encode(version)}`}${query === "" ? "" : `?${query}`}`;
}

type Parts = {
  readonly type: string;
  readonly namespace: readonly string[];
  readonly name: string;
  readonly version: string;
  readonly qualifiers: Readonly<Record<string, string>>;
};

function partsOf(item: Package, distribution: Distribution | undefined): Parts {
  const { ecosystem, version } = item;
  switch (ecosystem) {
    case "deb":
    case "apk":
    case "rpm":
      return distributionParts(item, ecosystem, distribution);
    case "go":
      return { ...splitName(item.name.toLowerCase(), "/"), type: "golang", version, qualifiers: {} };
    case "maven":
      return { ...splitName(item.name, ":"), type: "maven", version, qualifiers: {} };
    case "npm":
    case "composer":
      return { ...splitName(item.name, "/"), type: ecosystem, version, qualifiers: {} };
    case "pypi":
      return {
        type: "pypi",
        namespace: [],
        name: item.name.toLowerCase().replaceAll("_", "-"),
        version,
        qualifiers: {},
      };
    case "gem":
    case "nuget":
    case "cargo":
    case "generic":
      return { type: ecosystem, namespace: [], name: item.name, version, qualifiers: {} };
    default:
      return never(ecosystem);
  }
}

/** The epoch of an rpm is a qualifier, that of a deb a part of its version. */
function distributionParts(item: Package, type: string, distribution: Distribution | undefined): Parts {
  const id = distribution?.id ?? "";
  const distro = id === "" ? "" : [id, distribution?.version ?? ""].filter((text) => text !== "").join("-");
  const [, epoch = "", bare = item.version] = type === "rpm" ? (/^(\d+):(.*)$/s.exec(item.version) ?? []) : [];
  const hasOtherSource = item.sourceName !== item.name || item.sourceVersion !== item.version;
  const upstream = item.sourceVersion === item.version ? item.sourceName : `${item.sourceName}@${item.sourceVersion}`;
  return {
    type,
    namespace: id === "" ? [] : [id === "rhel" ? "redhat" : id],
    name: type === "rpm" ? item.name : item.name.toLowerCase(),
    version: bare,
    qualifiers: {
      ...{ arch: item.architecture, distro, epoch },
      upstream: hasOtherSource ? upstream : "",
      ...(type === "rpm" && { rpmmod: item.module }),
    },
  };
}

function splitName(full: string, separator: string): { readonly namespace: readonly string[]; readonly name: string } {
  const at = full.lastIndexOf(separator);
  const namespace = full.slice(0, Math.max(0, at)).split("/");
  return { namespace: namespace.filter((part) => part !== ""), name: full.slice(at + 1) };
}

/** Letters, digits and `.-_~` stand for themselves, and the colon may. */
function encode(text: string): string {
  if (/^[A-Za-z0-9._~:-]*$/.test(text)) return text;
  return encodeURIComponent(text.toWellFormed())
    .replaceAll("%3A", ":")
    .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}
