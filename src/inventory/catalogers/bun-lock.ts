// What Bun's text lock file asks for: JSON with commas before closing brackets. The older binary file is told as a problem.
// Source: bun.sh documentation, "Lockfile"; `packages` maps a place to [`name@version`, registry, details, integrity].

import { fieldsAt } from "../../base/reading.ts";
import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { maxJsonBytes, parseJson, withoutTrailingCommas } from "../json.ts";
import { isInsideInstalledPackage, nothing } from "../lock-files.ts";
import { npmRequested, splitNameAndVersion } from "../npm.ts";
import { readText } from "../text.ts";

export const bunLock: Cataloger = {
  name: "bun-lock",
  summary: "npm packages that bun.lock asks for",
  needs: {},
  version: 1,
  reads: { baseNames: ["bun.lock", "bun.lockb"] },
  maxBytes: maxJsonBytes,
  catalog(file) {
    if (isInsideInstalledPackage(file.path)) return nothing;
    const found = new Collection(file.path);
    if (file.path.endsWith("b")) {
      found.addProblem("a binary lock file of Bun: migrate it with `bun install --save-text-lockfile`");
      return found.result();
    }
    const lock = parseJson(file.path, withoutTrailingCommas(readText(file.content)));
    for (const entry of Object.values(fieldsAt(lock, "packages"))) {
      const first: unknown = Array.isArray(entry) ? entry[0] : undefined;
      const { name, version } = splitNameAndVersion(typeof first === "string" ? first : "");
      if (version !== "" && !/^(?:workspace|link|file|root):/.test(version)) {
        found.add(npmRequested({ name, version, evidence: file.path }));
      }
    }
    return found.result();
  },
};
