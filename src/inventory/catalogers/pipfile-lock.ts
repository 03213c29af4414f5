// What Pipenv's lock file asks for.
// Source: pipenv.pypa.io, Pipfile.lock: `default`, `develop` and own categories, each name -> { version: "==1.2.3" }.

import { isFields, textAt } from "../../base/reading.ts";
import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { maxJsonBytes, readJson } from "../json.ts";
import { isInsideInstalledPackage, nothing } from "../lock-files.ts";
import { pythonPackage } from "../python.ts";

export const pipfileLock: Cataloger = {
  name: "pipfile-lock",
  summary: "Python packages that Pipfile.lock asks for",
  needs: {},
  version: 1,
  reads: { baseNames: ["Pipfile.lock"] },
  maxBytes: maxJsonBytes,
  catalog(file) {
    if (isInsideInstalledPackage(file.path)) return nothing;
    const lock = readJson(file);
    const found = new Collection(file.path);
    for (const [category, packages] of Object.entries(isFields(lock) ? lock : {})) {
      if (category === "_meta" || !isFields(packages)) continue;
      for (const [name, entry] of Object.entries(packages)) {
        const version = textAt(entry, "version").replace(/^==/, "");
        if (version !== "") found.add(pythonPackage({ name, version, evidence: file.path, isInstalled: false }));
      }
    }
    return found.result();
  },
};
