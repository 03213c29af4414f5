// What a requirements file pins: lines `name==1.2.3`. Other lines name no version, so nothing can be said of them.
// Source: pip, "Requirements file format"; PEP 508 (names, extras, markers), PEP 440 (`==`, `===`).

import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { isInsideInstalledPackage, nothing } from "../lock-files.ts";
import { pythonPackage } from "../python.ts";
import { fileLines } from "../text.ts";

const kinds = [
  "dev",
  "develop",
  "development",
  "test",
  "tests",
  "testing",
  "prod",
  "production",
  "base",
  "docs",
  "lint",
  "ci",
];

export const requirements: Cataloger = {
  name: "requirements",
  summary: "Python packages that a requirements file pins",
  needs: {},
  version: 1,
  reads: {
    baseNames: [
      ...["requirements.txt", "requirements.lock", "constraints.txt"],
      ...kinds.flatMap((kind) => [`requirements-${kind}.txt`, `requirements_${kind}.txt`, `${kind}-requirements.txt`]),
    ],
  },
  maxBytes: 16 * 1024 * 1024,
  catalog(file) {
    if (isInsideInstalledPackage(file.path)) return nothing;
    const found = new Collection(file.path);
    for (const line of fileLines(file.content)) {
      const [, name, version] = pinned.exec(line) ?? [];
      if (name !== undefined && version !== undefined) {
        found.add(pythonPackage({ name, version, evidence: file.path, isInstalled: false }));
      }
    }
    return found.result();
  },
};

/** `name[extra] == 1.2.3 ; marker --hash=...`; a `*` in the version pins nothing. */
const pinned =
  /^\s{0,9}([A-Za-z0-9][\w.-]{0,200}) {0,9}(?:\[[^\]]{0,200}\])? {0,9}={2,3} {0,9}([\w.!+-]{1,200})(?=$|[\s;#,\\])/;
