// Version of Go's standard library, as advisories write it.
// Source: golang.org/x/vuln, internal/semver (go tags to semantic versions); go.dev/doc/toolchain, "Version strings".

/**
 * `go1.22.5 X:boringcrypto` -> `1.22.5`, `go1.21rc2` -> `1.21.0-rc.2`; what vendors put behind (`-fips`, `+bignum`) falls away.
 * @returns "" for a toolchain between releases
 */
export function standardLibraryVersion(toolchain: string): string {
  const match = /^go(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:(rc|beta)(\d{1,4}))?(?![\w.])/.exec(toolchain);
  if (match === null) return "";
  const [, major, minor, patch = "0", kind, number] = match;
  return `${major}.${minor}.${patch}${kind === undefined ? "" : `-${kind}.${number}`}`;
}
