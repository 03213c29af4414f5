// Package URLs: one name for a package that all tools understand, `pkg:deb/debian/openssl@3.0.11-1?arch=amd64&distro=debian-12`.
// Source: github.com/package-url/purl-spec, PURL-SPECIFICATION.rst and PURL-TYPES.rst.

import type { Distribution, Ecosystem, Package } from "../model/package.ts";
import { malformed } from "./errors.ts";

export type PackageUrl = {
  /** `deb`, `golang`: the specification's word, lower case. */
  readonly type: string;
  /** `debian`, `@babel`, `org.apache.logging.log4j`; "" when there is none. */
  readonly namespace: string;
  readonly name: string;
  /** "" when there is none. */
  readonly version: string;
  readonly qualifiers: Readonly<Record<string, string>>;
};

type Described = Pick<
  Package,
  "ecosystem" | "name" | "version" | "architecture" | "sourceName" | "sourceVersion" | "module"
>;

/** Where our word and the specification's differ. */
const types: Partial<Readonly<Record<Ecosystem, string>>> = { go: "golang" };

/** @param distribution of the image; undefined when nothing says which it is */
export function packageUrl(found: Described, distribution: Distribution | undefined): string {
  const { namespace, name } = splitName(found, distribution);
  return formatPackageUrl({
    type: types[found.ecosystem] ?? found.ecosystem,
    namespace,
    name,
    version: versionOf(found),
    qualifiers: isDistributed(found.ecosystem) ? qualifiersOf(found, distribution) : {},
  });
}

export function formatPackageUrl(url: PackageUrl): string {
  const path = [...url.namespace.split("/").filter((part) => part !== ""), url.name].map(encode).join("/");
  const version = url.version === "" ? "" : `@${encode(url.version)}`;
  const pairs = Object.entries(url.qualifiers)
    .filter(([, value]) => value !== "")
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${key}=${encode(value)}`);
  return `pkg:${url.type}/${path}${version}${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
}

/** @throws PlimsollError MALFORMED_INPUT */
export function readPackageUrl(text: string): PackageUrl {
  const [rest = "", query = ""] = (text.split("#", 1)[0] ?? "").split("?", 2);
  const match = /^pkg:\/*([a-zA-Z][a-zA-Z0-9.+-]*)\/+(.+)$/.exec(rest);
  if (match?.[1] === undefined || match[2] === undefined) throw malformed("package URL", "expected pkg:TYPE/NAME");
  const path = match[2].replace(/\/+$/, "");
  // The version's @ is the last one behind the last slash; a scope's stands before it, and may not be escaped.
  const at = path.lastIndexOf("@");
  const hasVersion = at > 0 && at > path.lastIndexOf("/");
  const parts = (hasVersion ? path.slice(0, at) : path).split("/").filter((part) => part !== "");
  const name = parts.pop();
  if (name === undefined) throw malformed("package URL", "expected a name");
  return {
    type: match[1].toLowerCase(),
    namespace: parts.map(decode).join("/"),
    name: decode(name),
    version: hasVersion ? decode(path.slice(at + 1)) : "",
    qualifiers: readQualifiers(query),
  };
}

export function isDistributed(ecosystem: Ecosystem): boolean {
  return ecosystem === "deb" || ecosystem === "rpm" || ecosystem === "apk";
}

function splitName(found: Described, distribution: Distribution | undefined) {
  if (isDistributed(found.ecosystem)) return { namespace: distribution?.id ?? "", name: found.name };
  if (found.ecosystem === "pypi") return { namespace: "", name: found.name.toLowerCase().replaceAll("_", "-") };
  const separator = found.ecosystem === "maven" ? ":" : "/";
  const at = found.name.lastIndexOf(separator);
  const name = found.name.slice(at + 1);
  return at <= 0 || name === "" ? { namespace: "", name: found.name } : { namespace: found.name.slice(0, at), name };
}

/** Epochs of rpm have a qualifier of their own; deb and apk keep the whole version. */
function versionOf({ ecosystem, version }: Described): string {
  return ecosystem === "rpm" ? version.replace(/^\d+:/, "") : version;
}

function qualifiersOf(found: Described, distribution: Distribution | undefined): Record<string, string> {
  const hasOwnSource = found.sourceName !== found.name || found.sourceVersion !== found.version;
  const source =
    found.sourceVersion === found.version ? found.sourceName : `${found.sourceName}@${found.sourceVersion}`;
  return {
    arch: found.architecture,
    distro: distribution === undefined ? "" : [distribution.id, distribution.version].filter(Boolean).join("-"),
    epoch: found.ecosystem === "rpm" ? (/^(\d+):/.exec(found.version)?.[1] ?? "") : "",
    rpmmod: found.ecosystem === "rpm" ? found.module : "",
    upstream: hasOwnSource && found.sourceName !== "" ? source : "",
  };
}

function readQualifiers(query: string): Readonly<Record<string, string>> {
  const pairs = query
    .split("&")
    .map((pair) => /^([^=]+)=(.+)$/.exec(pair))
    .filter((match) => match !== null)
    .map((match) => [(match[1] ?? "").toLowerCase(), decode(match[2] ?? "")] as const);
  return Object.fromEntries(pairs);
}

/** All but unreserved characters; the colon stays, as the specification asks. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll("%3A", ":")
    .replaceAll(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed("package URL", "a percent sign without two hex digits of UTF-8 behind it");
  }
}
