// The advisories of all languages, from the bulk files of osv.dev.
// Source: google.github.io/osv.dev/data: one `all.zip` for each ecosystem.

import type { AdvisoryFeed } from "../advisory-feed.ts";
import { readOsvZip } from "../feed-formats/osv-zip.ts";

const ecosystems = ["npm", "PyPI", "Go", "Maven", "RubyGems", "crates.io", "Packagist", "NuGet", "Bitnami"];

export const osv: AdvisoryFeed = {
  name: "osv",
  summary: "osv.dev: npm, Python, Go, Maven, Ruby, Rust, PHP, .NET",
  needs: { network: true },
  baseUrl: "https://osv-vulnerabilities.storage.googleapis.com",
  files: ecosystems.map((name) => ({ name: `${name}/all.zip`, maxBytes: 2 * 1024 * 1024 * 1024 })),
  read: (_file, path, problem) => readOsvZip(path, "osv", problem),
};
