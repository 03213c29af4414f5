// What pnpm's lock files ask for. The file is YAML, always written by pnpm in one layout: keys of `packages` stand alone on lines indented by two.
// Source: pnpm, lockfile specification 5.4 (`/name/1.2.3`), 6.0 (`/name@1.2.3(peer)`) and 9.0 (`name@1.2.3`).

import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { isInsideInstalledPackage, nothing } from "../lock-files.ts";
import { npmRequested, splitNameAndVersion } from "../npm.ts";
import { fileLines } from "../text.ts";

export const pnpmLock: Cataloger = {
  name: "pnpm-lock",
  summary: "npm packages that pnpm-lock.yaml asks for",
  needs: {},
  version: 1,
  reads: { baseNames: ["pnpm-lock.yaml"] },
  maxBytes: 48 * 1024 * 1024,
  catalog(file) {
    if (isInsideInstalledPackage(file.path)) return nothing;
    const found = new Collection(file.path);
    let section = "";
    for (const line of fileLines(file.content)) {
      if (line !== "" && !line.startsWith(" ")) section = line;
      else if (section === "packages:") readKey(line, file.path, found);
    }
    return found.result();
  },
};

function readKey(line: string, evidence: string, found: Collection): void {
  const key = /^ {2}['"]?([^\s'"].*?)['"]?:(?: \{\})?$/.exec(line)?.[1];
  if (key === undefined) return;
  const { name, version } = splitKey(key);
  if (name === "" || version === "")
    found.addProblem(`a package without name or version: ${JSON.stringify(key.slice(0, 80))}`);
  else found.add(npmRequested({ name, version, evidence }));
}

function splitKey(key: string): { readonly name: string; readonly version: string } {
  const plain = key.replace(/^\//, "").replace(/\(.*$/, "");
  const at = splitNameAndVersion(plain);
  if (at.version !== "") return at;
  // 5.4 puts a slash between, and peers after an underscore.
  const slash = plain.lastIndexOf("/");
  return { name: plain.slice(0, Math.max(0, slash)), version: plain.slice(slash + 1).replace(/_.*$/, "") };
}
