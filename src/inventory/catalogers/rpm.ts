// Packages of the Red Hat and SUSE families, with their files, from rpm's database in each of its three formats; and from the manifest that
// stands in its place where there is no rpm (Azure Linux distroless).

import { limitExceeded, malformed, PlimsollError } from "../../base/errors.ts";
import type { CatalogResult, Package } from "../../model/package.ts";
import type { Cataloger, CatalogFile, LargeFile } from "../cataloger.ts";
import { Problems } from "../collect.ts";
import { makePackage } from "../make-package.ts";
import { isBerkeleyHash, readBerkeleyValues } from "../rpm/berkeley.ts";
import { isDistributionBuild } from "../rpm/builders.ts";
import { type RpmHeader, readRpmHeader } from "../rpm/header.ts";
import { isNdb, readNdbValues } from "../rpm/ndb.ts";
import { isSqlite, readSqliteBlobs } from "../rpm/sqlite.ts";
import { fileLines } from "../text.ts";

const folders = ["var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"];
const files = ["rpmdb.sqlite", "rpmdb.sqlite-wal", "Packages", "Packages.db"];
const manifest = "var/lib/rpmmanifest/container-manifest-2";

export const rpm: Cataloger = {
  name: "rpm",
  summary: "rpm packages (SQLite, Berkeley DB and ndb databases), and the files they own",
  needs: {},
  version: 1,
  reads: { paths: [...folders.flatMap((folder) => files.map((file) => `${folder}/${file}`)), manifest] },
  maxBytes: 2 * 1024 * 1024 * 1024,
  catalog: (file) => (file.path === manifest ? readManifest(file) : readDatabase(file)),
  catalogLarge(file) {
    if (file.path === manifest) throw limitExceeded(file.path, `${file.content.length} bytes`);
    return readDatabase(file);
  },
};

const maxPackages = 200_000;
const maxFiles = 1_000_000;

function readDatabase(file: CatalogFile | LargeFile): CatalogResult {
  if (file.path.endsWith("-wal")) return readLog(file);
  const packages: Package[] = [];
  const owned: string[] = [];
  const thirdParty: string[] = [];
  const problems = new Problems();
  for (const blob of readBlobs(file)) {
    const header = tryHeader(blob, problems);
    // Public keys are kept as if they were packages.
    if (header === undefined || header.name === "gpg-pubkey") continue;
    packages.push(toPackage(header, file.path));
    if (!isDistributionBuild(header.vendor, header.release)) thirdParty.push(header.name);
    else for (const path of header.files) owned.push(path);
    if (packages.length > maxPackages || owned.length > maxFiles) {
      throw limitExceeded(file.path, `more than ${maxPackages} packages or ${maxFiles} files`);
    }
  }
  return { packages, owned, thirdParty, ...problems.result() };
}

function readBlobs({ path, content }: CatalogFile | LargeFile): Iterable<Uint8Array> {
  if (isSqlite(content)) return readSqliteBlobs(content, "Packages", 1);
  if (isNdb(content)) return readNdbValues(content);
  if (isBerkeleyHash(content)) return readBerkeleyValues(content);
  throw malformed(path, "expected an rpm database, found neither SQLite, Berkeley DB nor ndb");
}

/** One broken header leaves the others readable. */
function tryHeader(blob: Uint8Array, problems: Problems): RpmHeader | undefined {
  try {
    const header = readRpmHeader(blob);
    if (header.name !== "" && header.version !== "") return header;
    problems.add(`a header without name or version: ${JSON.stringify(header.name)}`);
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    problems.add(thrown.message);
  }
  return undefined;
}

function toPackage(header: RpmHeader, evidence: string): Package {
  const { name, architecture, license, vendor } = header;
  const epoch = header.epoch === 0 ? "" : `${header.epoch}:`;
  const version = `${epoch}${header.version}-${header.release}`;
  const source = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(header.sourceRpm);
  return makePackage({
    ...{ ecosystem: "rpm", name, version, evidence, architecture, license, vendor },
    sourceName: source?.[1] ?? name,
    sourceVersion: source === null ? version : epoch + source[2],
    module: header.modularityLabel,
  });
}

/** What SQLite has not yet carried over into the database would be missed. */
function readLog({ content }: CatalogFile | LargeFile): CatalogResult {
  if (content.length <= 32) return { packages: [], owned: [] };
  return {
    packages: [],
    owned: [],
    problems: ["changes that are not in rpmdb.sqlite yet: run a checkpoint in the image's build"],
  };
}

/** Lines of name, version-release, two times, vendor, epoch, size, architecture, epoch number, source rpm; tabs between. */
function readManifest(file: CatalogFile): CatalogResult {
  const packages: Package[] = [];
  const problems = new Problems();
  for (const line of fileLines(file.content, maxPackages)) {
    if (line === "") continue;
    const [name = "", full = "", , , vendor = "", epoch = "", , architecture = "", , sourceRpm = ""] = line.split("\t");
    const dash = full.lastIndexOf("-");
    if (name === "" || dash < 1) {
      problems.add(`a line without name or version: ${JSON.stringify(line.slice(0, 80))}`);
      continue;
    }
    const parts = { version: full.slice(0, dash), release: full.slice(dash + 1), epoch: Number(epoch) || 0 };
    packages.push(
      toPackage(
        { ...parts, name, vendor, architecture, sourceRpm, license: "", modularityLabel: "", files: [] },
        file.path,
      ),
    );
  }
  return { packages, owned: [], ...problems.result() };
}
