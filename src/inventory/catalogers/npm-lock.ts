// What npm's lock files ask for.
// Source: npm documentation, package-lock.json, lockfileVersion 1 (`dependencies`, a tree) and 2, 3 (`packages`, by place).

import { limitExceeded } from "../../base/errors.ts";
import { fieldsAt, isTrueAt, textAt } from "../../base/reading.ts";
import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { maxJsonBytes, readJson } from "../json.ts";
import { isInsideInstalledPackage, nothing } from "../lock-files.ts";
import { npmLicense, npmRequested, splitNameAndVersion } from "../npm.ts";

export const npmLock: Cataloger = {
  name: "npm-lock",
  summary: "npm packages that package-lock.json asks for",
  needs: {},
  version: 1,
  reads: { baseNames: ["package-lock.json", "npm-shrinkwrap.json"] },
  maxBytes: maxJsonBytes,
  catalog(file) {
    if (isInsideInstalledPackage(file.path)) return nothing;
    const lock = readJson(file);
    const found = new Collection(file.path);
    const packages = fieldsAt(lock, "packages");
    if (Object.keys(packages).length > 0) readPlaces(packages, file.path, found);
    else readTree(fieldsAt(lock, "dependencies"), file.path, found, 0);
    return found.result();
  },
};

/** `node_modules/a/node_modules/@b/c`; other keys are the project itself and its workspaces. */
function readPlaces(packages: Readonly<Record<string, unknown>>, evidence: string, found: Collection): void {
  for (const [place, entry] of Object.entries(packages)) {
    const at = place.lastIndexOf("node_modules/");
    const version = textAt(entry, "version");
    if (at === -1 || version === "" || isTrueAt(entry, "link")) continue;
    const name = textAt(entry, "name") || place.slice(at + "node_modules/".length);
    found.add(npmRequested({ name, version, evidence, license: npmLicense(entry) }));
  }
}

function readTree(
  dependencies: Readonly<Record<string, unknown>>,
  evidence: string,
  found: Collection,
  depth: number,
): void {
  if (depth > 100) throw limitExceeded(evidence, "dependencies nested deeper than 100");
  for (const [key, entry] of Object.entries(dependencies)) {
    const text = textAt(entry, "version");
    const { name, version } = text.startsWith("npm:")
      ? splitNameAndVersion(text.slice(4))
      : { name: key, version: text };
    if (version !== "") found.add(npmRequested({ name, version, evidence }));
    readTree(fieldsAt(entry, "dependencies"), evidence, found, depth + 1);
  }
}
