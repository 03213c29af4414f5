// What Bundler's lock file asks for: gems stand indented by four under `specs:`, what they need by six.
// Source: Bundler, lib/bundler/lockfile_parser.rb.

import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { isInsideInstalledPackage, nothing } from "../lock-files.ts";
import { rubyGem } from "../ruby.ts";
import { fileLines } from "../text.ts";

export const gemfileLock: Cataloger = {
  name: "gemfile-lock",
  summary: "Ruby gems that Gemfile.lock asks for",
  needs: {},
  version: 1,
  reads: { baseNames: ["Gemfile.lock", "gems.locked"] },
  maxBytes: 16 * 1024 * 1024,
  catalog(file) {
    if (isInsideInstalledPackage(file.path)) return nothing;
    const found = new Collection(file.path);
    let section = "";
    for (const line of fileLines(file.content)) {
      if (/^[A-Z]/.test(line)) section = line;
      // PATH is the project itself.
      const [, name, version] = section === "GEM" || section === "GIT" ? (spec.exec(line) ?? []) : [];
      if (name !== undefined && version !== undefined) {
        found.add(rubyGem({ name, version, evidence: file.path, isInstalled: false }));
      }
    }
    return found.result();
  },
};

const spec = /^ {4}([A-Za-z0-9][\w.-]*) \(([0-9][\w.-]*)\)$/;
