// What lock files in TOML ask for: Poetry, uv, PDM, and the common one.
// Source: python-poetry.org and docs.astral.sh/uv, lock files; PEP 751 (pylock.toml).

import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { isInsideInstalledPackage, nothing } from "../lock-files.ts";
import { pythonPackage } from "../python.ts";
import { readTomlPackages } from "../toml-packages.ts";

export const pythonLock: Cataloger = {
  name: "python-lock",
  summary: "Python packages that poetry.lock, uv.lock, pdm.lock or pylock.toml ask for",
  needs: {},
  version: 1,
  reads: { baseNames: ["poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"] },
  maxBytes: 48 * 1024 * 1024,
  catalog(file) {
    if (isInsideInstalledPackage(file.path)) return nothing;
    const found = new Collection(file.path);
    for (const entry of readTomlPackages(file.content, ["package", "packages"])) {
      // uv lists the project itself, with a folder for its source.
      if (/^\{ *(?:virtual|editable|directory)\b/.test(entry.get("source") ?? "")) continue;
      const name = entry.get("name") ?? "";
      const version = entry.get("version") ?? "";
      if (name === "" || version === "") found.addProblem(`a package without name or version: ${JSON.stringify(name)}`);
      else found.add(pythonPackage({ name, version, evidence: file.path, isInstalled: false }));
    }
    return found.result();
  },
};
