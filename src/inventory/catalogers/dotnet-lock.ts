// What NuGet's lock file asks for.
// Source: learn.microsoft.com, "PackageReference: locking dependencies": dependencies by framework, each with `type` and `resolved`.

import { fieldsAt, textAt } from "../../base/reading.ts";
import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { maxJsonBytes, readJson } from "../json.ts";
import { makePackage } from "../make-package.ts";

export const dotnetLock: Cataloger = {
  name: "dotnet-lock",
  summary: ".NET packages that packages.lock.json asks for",
  needs: {},
  version: 1,
  reads: { baseNames: ["packages.lock.json"] },
  maxBytes: maxJsonBytes,
  catalog(file) {
    const found = new Collection(file.path);
    for (const packages of Object.values(fieldsAt(readJson(file), "dependencies"))) {
      for (const [key, entry] of Object.entries(fieldsAt(packages))) {
        const version = textAt(entry, "resolved");
        if (version === "" || textAt(entry, "type") === "Project") continue;
        const name = key.toLowerCase();
        found.add(makePackage({ ecosystem: "nuget", name, version, evidence: file.path, isInstalled: false }));
      }
    }
    return found.result();
  },
};
