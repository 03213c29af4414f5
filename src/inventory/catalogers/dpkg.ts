// Debian packages: the status file, or one file a package in status.d (distroless), and the lists of the files that each package brought.
// Source: dpkg 1.22, man pages deb-control(5) and dpkg-query(1) (states); deb-md5sums(5); distroless, PACKAGE_METADATA.md.

import { limitExceeded } from "../../base/errors.ts";
import type { CatalogResult, Package } from "../../model/package.ts";
import type { Cataloger, CatalogFile } from "../cataloger.ts";
import { Problems } from "../collect.ts";
import { isThirdPartyBuild } from "../debian-builds.ts";
import { makePackage } from "../make-package.ts";
import { baseName, fileLines, relativePath } from "../text.ts";

export const dpkg: Cataloger = {
  name: "dpkg",
  summary: "Debian and Ubuntu packages, and the files they own",
  needs: {},
  version: 1,
  reads: {
    paths: ["var/lib/dpkg/status"],
    directories: ["var/lib/dpkg/status.d", "var/lib/dpkg/info"],
  },
  maxBytes: 48 * 1024 * 1024,
  catalog(file) {
    const name = baseName(file.path);
    if (name.endsWith(".md5sums")) return ownedFiles(file, name.slice(0, -".md5sums".length), readSum);
    if (!file.path.includes("/info/")) return readStatus(file);
    if (name.endsWith(".list")) return ownedFiles(file, name.slice(0, -".list".length), (line) => line);
    return { packages: [], owned: [] };
  },
};

const maxPackages = 200_000;
/** Of one package: the largest of Debian have 60,000. */
const maxFiles = 300_000;

type Control = Map<string, string>;

function readStatus(file: CatalogFile): CatalogResult {
  const packages: Package[] = [];
  const thirdParty: string[] = [];
  const problems = new Problems();
  for (const control of readControls(file.content)) {
    if (!isUnpacked(control)) continue;
    const name = control.get("package") ?? "";
    if (name === "" || !control.get("version"))
      problems.add(`a record without name or version: ${JSON.stringify(name)}`);
    else packages.push(toPackage(control, name, file.path));
    if (isThirdPartyBuild(control)) thirdParty.push(name);
    if (packages.length > maxPackages) throw limitExceeded(file.path, `more than ${maxPackages} packages`);
  }
  return { packages, owned: [], thirdParty, ...problems.result() };
}

/** Fields that are of use; all others, the long descriptions above all, are passed over. */
const wanted: ReadonlySet<string> = new Set(
  "package version status source architecture maintainer homepage vendor license section original-maintainer".split(
    " ",
  ),
);

function* readControls(content: Uint8Array): Generator<Control> {
  let control: Control = new Map();
  for (const line of fileLines(content)) {
    if (line === "") {
      if (control.size > 0) yield control;
      control = new Map();
      continue;
    }
    const colon = line.charCodeAt(0) === 0x20 ? -1 : line.indexOf(":");
    if (colon === -1) continue;
    const field = line.slice(0, colon).toLowerCase();
    if (wanted.has(field) && !control.has(field)) control.set(field, line.slice(colon + 1).trim());
  }
  if (control.size > 0) yield control;
}

/** A removed package leaves its configuration or its name behind. In status.d there is no state: what is there is installed. */
function isUnpacked(control: Control): boolean {
  const state = control.get("status")?.split(" ").at(-1);
  return state !== "config-files" && state !== "not-installed";
}

function toPackage(control: Control, name: string, evidence: string): Package {
  const version = control.get("version") ?? "";
  const source = /^([^\s(]+)(?: *\(([^\s)]+)\))?/.exec(control.get("source") ?? "");
  return makePackage({
    ecosystem: "deb",
    name,
    version,
    evidence,
    architecture: control.get("architecture") ?? "",
    sourceName: source?.[1] ?? name,
    sourceVersion: source?.[2] ?? version,
    vendor: control.get("maintainer") ?? "",
  });
}

/** @param owner `libc6:amd64`, or without architecture */
function ownedFiles(file: CatalogFile, owner: string, read: (line: string) => string): CatalogResult {
  const owned: string[] = [];
  for (const line of fileLines(file.content)) {
    const path = relativePath(read(line));
    if (path === "") continue;
    owned.push(path);
    if (owned.length > maxFiles) throw limitExceeded(file.path, `more than ${maxFiles} files`);
  }
  return { packages: [], owned, owner: owner.replace(/:[^:]*$/, "") };
}

/** `32 hex digits, two spaces, path` */
function readSum(line: string): string {
  return /^[0-9a-f]{32} [ *]/.test(line) ? line.slice(34) : "";
}
