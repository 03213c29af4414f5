// npm packages that are installed: a package.json in a folder of node_modules, whoever put it there (npm, yarn, pnpm, bun).
// Source: npm documentation, package.json and folders; Debian's Node.js policy (usr/share/nodejs).

import { textAt } from "../../base/reading.ts";
import type { Cataloger } from "../cataloger.ts";
import { maxJsonBytes, readJson } from "../json.ts";
import { nothing } from "../lock-files.ts";
import { makePackage } from "../make-package.ts";
import { npmLicense } from "../npm.ts";
import { baseName, directoryOf } from "../text.ts";

export const nodeModules: Cataloger = {
  name: "node-modules",
  summary: "npm packages that are installed (package.json)",
  needs: {},
  version: 1,
  reads: { baseNames: ["package.json"] },
  maxBytes: maxJsonBytes,
  catalog(file) {
    const isInstalled = installedFolder.test(file.path);
    if (!isInstalled && file.path.includes("node_modules/")) return nothing;
    const manifest = readJson(file);
    const name = textAt(manifest, "name");
    const version = textAt(manifest, "version");
    if (name === "" || version === "" || !(isInstalled || isNamedAfter(file.path, name))) return nothing;
    const license = npmLicense(manifest);
    return { packages: [makePackage({ ecosystem: "npm", name, version, evidence: file.path, license })], owned: [] };
  },
};

/** Deeper package.json files belong to parts of a package (`esm/package.json`), or to its tests. */
const installedFolder = /(?:^|\/)(?:node_modules|usr\/share\/nodejs)\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/;

/** `opt/yarn-v1.22.19/package.json`: unpacked by hand into a folder of its name. Others are the image's own applications. */
function isNamedAfter(path: string, name: string): boolean {
  const folder = baseName(directoryOf(path));
  return folder === name || (folder.startsWith(`${name}-`) && /^-v?\d/.test(folder.slice(name.length)));
}
