// Package URLs as text and in parts: `pkg:deb/debian/openssl@3.0.11-1?arch=amd64&distro=debian-12`. purl.ts makes the one of a package.
// Source: github.com/package-url/purl-spec, PURL-SPECIFICATION.rst and PURL-TYPES.rst.

import type { Ecosystem } from "../model/package.ts";
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
