// Programs of others that tests run as clients, fetched once by their own package managers into the test cache.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, withLock } from "./newer-suite.ts";

export type Fetched = { readonly folder: string } | { readonly why: string };

const run = promisify(execFile);

/** Outside of package.json: what these packages bring along has no place among this project's own dependencies. */
export function fetchNpmPackage(name: string, version: string): Promise<Fetched> {
  return fetched(`npm-${name}-${version}`, async (folder) => {
    writeFileSync(join(folder, "package.json"), "{}");
    const options = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--no-package-lock"];
    await run("npm", ["install", "--prefix", folder, ...options, `${name}@${version}`], { timeout: 300_000 });
  });
}

/**
 * A Python environment with the packages, and the source archive of one of them unpacked beside it: `bin/python`, `source`.
 * @param archive `docker==6.1.3`
 */
export function fetchPythonSuite(archive: string, packages: readonly string[]): Promise<Fetched> {
  return fetched(`python-${archive}`, async (folder) => {
    // Debian's python3 has no venv of its own without a further package.
    await run("virtualenv", ["--quiet", folder], { timeout: 120_000 });
    const pip = join(folder, "bin/pip");
    await run(pip, ["install", "--quiet", "setuptools", "setuptools_scm", "wheel", ...packages], { timeout: 300_000 });
    const options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-binary", ":all:", "--dest", folder];
    await run(pip, ["download", ...options, archive], { timeout: 300_000 });
    const file = readdirSync(folder).find((name) => name.endsWith(".tar.gz"));
    if (file === undefined) throw new Error(`${archive} has no source archive`);
    mkdirSync(join(folder, "source"));
    await run("tar", ["-xzf", join(folder, file), "-C", join(folder, "source"), "--strip-components=1"]);
  });
}

async function fetched(name: string, fill: (folder: string) => Promise<void>): Promise<Fetched> {
  const folder = join(cacheFolder(), name);
  const done = join(folder, ".plimsoll-done");
  try {
    await withLock(`${folder}.lock`, async () => {
      if (existsSync(done)) return;
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      await fill(folder);
      writeFileSync(done, "");
    });
    return { folder };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1);
    return { why: `${name} cannot be had: ${reason}` };
  }
}
