// .NET packages that a program runs with: NAME.deps.json beside it, or beside the shared runtime.
// Source: github.com/dotnet/sdk, documentation/specs/runtime-configuration-file.md.

import { fieldsAt, textAt } from "../../base/reading.ts";
import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { maxJsonBytes, readJson } from "../json.ts";
import { makePackage } from "../make-package.ts";

export const dotnetDeps: Cataloger = {
  name: "dotnet-deps",
  summary: ".NET packages that programs run with (deps.json)",
  needs: {},
  version: 1,
  reads: { suffixes: [".deps.json"] },
  maxBytes: maxJsonBytes,
  catalog(file) {
    const found = new Collection(file.path);
    for (const [key, entry] of Object.entries(fieldsAt(readJson(file), "libraries"))) {
      const kind = textAt(entry, "type");
      const slash = key.lastIndexOf("/");
      // `project` is the program's own code, `reference` has no version of a package.
      if (slash < 1 || (kind !== "package" && kind !== "runtimepack")) continue;
      const name = key
        .slice(0, slash)
        .replace(/^runtimepack\./, "")
        .toLowerCase();
      found.add(makePackage({ ecosystem: "nuget", name, version: key.slice(slash + 1), evidence: file.path }));
    }
    return found.result();
  },
};
