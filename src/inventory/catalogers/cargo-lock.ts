// What Cargo's lock file asks for.
// Source: doc.rust-lang.org/cargo, "Cargo.toml vs Cargo.lock"; packages without a source are the workspace's own.

import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { isInsideInstalledPackage, nothing } from "../lock-files.ts";
import { makePackage } from "../make-package.ts";
import { readTomlPackages } from "../toml-packages.ts";

export const cargoLock: Cataloger = {
  name: "cargo-lock",
  summary: "Rust crates that Cargo.lock asks for",
  needs: {},
  version: 1,
  reads: { baseNames: ["Cargo.lock"] },
  maxBytes: 48 * 1024 * 1024,
  catalog(file) {
    if (isInsideInstalledPackage(file.path)) return nothing;
    const found = new Collection(file.path);
    for (const entry of readTomlPackages(file.content, ["package"])) {
      const name = entry.get("name") ?? "";
      const version = entry.get("version") ?? "";
      if (name === "" || version === "") found.addProblem(`a crate without name or version: ${JSON.stringify(name)}`);
      else if (entry.has("source")) {
        found.add(makePackage({ ecosystem: "cargo", name, version, evidence: file.path, isInstalled: false }));
      }
    }
    return found.result();
  },
};
