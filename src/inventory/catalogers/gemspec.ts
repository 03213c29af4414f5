// Ruby gems that are installed: RubyGems writes for each a specification in Ruby, by machine and always in one layout.
// Source: RubyGems, lib/rubygems/specification.rb (to_ruby) and stub_specification.rb (the line `# stub: NAME VERSION PLATFORM PATHS`).

import type { Cataloger } from "../cataloger.ts";
import { nothing } from "../lock-files.ts";
import { rubyGem } from "../ruby.ts";
import { linesOf, readText } from "../text.ts";

export const gemspec: Cataloger = {
  name: "gemspec",
  summary: "Ruby gems that are installed (specifications)",
  needs: {},
  version: 1,
  reads: { suffixes: [".gemspec"] },
  maxBytes: 4 * 1024 * 1024,
  catalog(file) {
    // A gemspec elsewhere is somebody's source: it may compute its version.
    if (!/(?:^|\/)(?:specifications|rubygems-integration\/[^/]+\/specifications)\/(?:default\/)?[^/]+$/.test(file.path))
      return nothing;
    const { name, version, license } = readSpecification(readText(file.content));
    if (name === "" || version === "") return { ...nothing, problems: ["a specification without name or version"] };
    return { packages: [rubyGem({ name, version, license, evidence: file.path })], owned: [] };
  },
};

type Specification = { name: string; version: string; license: string };

function readSpecification(text: string): Specification {
  const found: Specification = { name: "", version: "", license: "" };
  for (const line of linesOf(text, 20_000)) {
    const stub = /^# stub: (\S+) (\S+) /.exec(line);
    found.name ||= stub?.[1] ?? assigned(line, "name");
    found.version ||= stub?.[2] ?? assigned(line, "version");
    found.license ||= /^\s{0,20}s\.licenses? = \[?"([^"]*)"/.exec(line)?.[1] ?? "";
  }
  return found;
}

/** `s.name = "rake".freeze`, `s.version = Gem::Version.new("1.2")` */
function assigned(line: string, field: string): string {
  const value = new RegExp(`^\\s{0,20}s\\.${field} {0,20}= (?:Gem::Version\\.new\\()?["']([\\w.-]+)["']`).exec(line);
  return value?.[1] ?? "";
}
