// Programs that no package manager knows of, by evidence in their bytes. A distribution's own are left out when the inventory is built.
// Source: see evidence/programs.ts.

import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { isElf } from "../elf.ts";
import { programs as known } from "../evidence/programs.ts";
import { nothing } from "../lock-files.ts";
import { makePackage } from "../make-package.ts";
import { baseName } from "../text.ts";

export const programs: Cataloger = {
  name: "programs",
  summary: "programs and libraries without a package, by evidence in their bytes",
  needs: {},
  version: 1,
  reads: { executables: true },
  maxBytes: 256 * 1024 * 1024,
  catalog({ path, content }) {
    const fileName = baseName(path);
    const candidates = known.filter(({ files }) => files.test(fileName));
    if (candidates.length === 0 || !isElf(content)) return nothing;
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    const found = new Collection(path);
    for (const { product, find } of candidates) {
      const version = find(bytes, fileName);
      if (version !== undefined)
        found.add(makePackage({ ecosystem: "generic", name: product, version, evidence: path }));
    }
    return found.result();
  },
};
