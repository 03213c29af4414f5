// PHP packages: what composer.lock asks for, and what Composer has installed under vendor.
// Source: getcomposer.org documentation; installed.json version 1 (a list) and 2 (`packages`, `dev-package-names`).

import { listAt, textAt, textsAt } from "../../base/reading.ts";
import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { maxJsonBytes, readJson } from "../json.ts";
import { isInsideInstalledPackage, nothing } from "../lock-files.ts";
import { makePackage } from "../make-package.ts";

export const composer: Cataloger = {
  name: "composer",
  summary: "PHP packages, installed (installed.json) or asked for (composer.lock)",
  needs: {},
  version: 1,
  reads: { baseNames: ["composer.lock", "installed.json"] },
  maxBytes: maxJsonBytes,
  catalog(file) {
    const isInstalled = file.path.endsWith("composer/installed.json");
    const isLock = file.path.endsWith("composer.lock") && !isInsideInstalledPackage(file.path);
    if (!isInstalled && !isLock) return nothing;
    const document = readJson(file);
    const found = new Collection(file.path);
    const lists = [listAt(document), listAt(document, "packages"), listAt(document, "packages-dev")];
    for (const entry of lists.flat()) {
      const name = textAt(entry, "name").toLowerCase();
      const version = textAt(entry, "version");
      const license = textsAt(entry, "license").join(" OR ");
      if (name !== "" && version !== "") {
        found.add(makePackage({ ecosystem: "composer", name, version, license, evidence: file.path, isInstalled }));
      }
    }
    return found.result();
  },
};
