// Programs that no package manager knows of, by evidence in their bytes. A distribution's own are left out when the inventory is built.
// Source: see evidence/programs.ts.

import type { CatalogResult } from "../../model/package.ts";
import { ByteView } from "../bytes.ts";
import type { Cataloger, CatalogFile, LargeFile } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { isElf } from "../elf.ts";
import { programs as known } from "../evidence/programs.ts";
import { maxProgramBytes } from "../executable.ts";
import { nothing } from "../lock-files.ts";
import { makePackage } from "../make-package.ts";
import { baseName } from "../text.ts";

export const programs: Cataloger = {
  name: "programs",
  summary: "programs and libraries without a package, by evidence in their bytes",
  needs: {},
  version: 1,
  reads: { executables: true },
  maxBytes: maxProgramBytes,
  catalog: (file) => catalogProgram(file),
  catalogLarge: (file) => catalogProgram(file),
};

function catalogProgram({ path, content }: CatalogFile | LargeFile): CatalogResult {
  const fileName = baseName(path);
  const candidates = known.filter(({ files }) => files.test(fileName));
  if (candidates.length === 0 || !isElf(content)) return nothing;
  const bytes = new ByteView(content, "program", true);
  const found = new Collection(path);
  for (const { product, find } of candidates) {
    const version = find(bytes, fileName);
    if (version !== undefined) found.add(makePackage({ ecosystem: "generic", name: product, version, evidence: path }));
  }
  return found.result();
}
