// Rust programs that were built with cargo-auditable: the crates that are linked, as compressed JSON in a section of its own.
// Source: rust-secure-code/cargo-auditable, PARSING.md and the schema of version 1.

import { inflateSync } from "node:zlib";
import { errorText, limitExceeded, malformed } from "../../base/errors.ts";
import { isTrueAt, listAt, textAt } from "../../base/reading.ts";
import type { CatalogResult } from "../../model/package.ts";
import type { Cataloger, CatalogFile, LargeFile } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { isElf, readElf } from "../elf.ts";
import { maxProgramBytes } from "../executable.ts";
import { parseJson } from "../json.ts";
import { nothing } from "../lock-files.ts";
import { makePackage } from "../make-package.ts";

export const rustBinary: Cataloger = {
  name: "rust-binary",
  summary: "Rust programs: the crates that cargo-auditable recorded",
  needs: {},
  version: 1,
  reads: { executables: true },
  maxBytes: maxProgramBytes,
  catalog: (file) => catalogProgram(file),
  catalogLarge: (file) => catalogProgram(file),
};

function catalogProgram({ path, content }: CatalogFile | LargeFile): CatalogResult {
  if (!isElf(content)) return nothing;
  const { view, section } = readElf(content);
  const place = section(".dep-v0");
  if (place === undefined || place.size === 0) return nothing;
  if (place.size > maxJsonBytes) throw limitExceeded(path, `a section .dep-v0 of ${place.size} bytes`);
  const found = new Collection(path);
  for (const crate of listAt(parseJson(path, inflate(path, view.slice(place.offset, place.size))), "packages")) {
    const name = textAt(crate, "name");
    const version = textAt(crate, "version");
    // What only ran during the build is not in the program; local crates are the program itself.
    if (textAt(crate, "kind") === "build" || isTrueAt(crate, "root") || textAt(crate, "source") === "local") continue;
    if (name === "" || version === "") found.addProblem(`a crate without name or version: ${JSON.stringify(name)}`);
    else found.add(makePackage({ ecosystem: "cargo", name, version, evidence: path }));
  }
  return found.result();
}

const maxJsonBytes = 16 * 1024 * 1024;

function inflate(path: string, section: Uint8Array): string {
  try {
    return inflateSync(section, { maxOutputLength: maxJsonBytes }).toString("utf8");
  } catch (thrown) {
    throw malformed(path, `the section .dep-v0: ${errorText(thrown)}`);
  }
}
