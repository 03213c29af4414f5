// Go's order of versions: semantic versioning with `v`, pseudo-versions between tags, and toolchains such as `go1.22rc1`.
// Source: go.dev/ref/mod, "Versions" and "Pseudo-versions"; go.dev/doc/toolchain, "Go versions".

import { malformed } from "../../base/errors.ts";
import { compareSemantic } from "../semantic-order.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const go: VersionScheme = {
  name: "go",
  summary: "Go modules and the standard library",
  needs: {},
  ecosystems: ["go"],
  compare(left, right) {
    return compareSemantic(normalize(left), normalize(right));
  },
};

/**
 * `go1.22rc1 X:boringcrypto` is 1.22.0-rc.1; what a vendor appended to a toolchain (`go1.22.5-fips`) is no pre-release.
 * From 1.21 on, releases end in `.0`: `go1.22` alone is the language, which comes before its first release candidate.
 */
function normalize(version: string): string {
  const [word = ""] = version.trim().split(/\s/, 1);
  const toolchain = /^go(\d+(?:\.\d+){0,2})(?:(alpha|beta|rc)(\d+))?(?:[-+.].*)?$/.exec(word);
  if (toolchain?.[2] === undefined && isLanguage(toolchain?.[1])) return `${toolchain?.[1]}.0-0`;
  if (toolchain?.[1] !== undefined) return withPrerelease(toolchain[1], toolchain[2], toolchain[3]);
  const language = /^v?(\d+\.\d+(?:\.\d+)?)(alpha|beta|rc)(\d+)$/.exec(word);
  if (language?.[1] !== undefined) return withPrerelease(language[1], language[2], language[3]);
  if (!/^v?\d/.test(word)) throw malformed("version", `no Go version: ${version.slice(0, 80)}`);
  return word.replace(/^v/, "");
}

function isLanguage(numbers: string | undefined): boolean {
  const minor = /^1\.(\d+)$/.exec(numbers ?? "")?.[1];
  return minor !== undefined && Number(minor) >= 21;
}

function withPrerelease(numbers: string, word: string | undefined, number: string | undefined): string {
  const [major = "0", minor = "0", patch = "0"] = numbers.split(".");
  const release = `${major}.${minor}.${patch}`;
  return word === undefined ? release : `${release}-${word}.${number ?? "0"}`;
}
