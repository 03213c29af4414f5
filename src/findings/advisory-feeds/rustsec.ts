// Rust's own advisory database, in its export to the OSV format. Source: github.com/rustsec/advisory-db, branch osv.

import type { AdvisoryFeed } from "../advisory-feed.ts";
import { readOsvZip } from "../feed-formats/osv-zip.ts";

export const rustsec: AdvisoryFeed = {
  name: "rustsec",
  summary: "RustSec: Rust crates, with crates that nobody maintains",
  needs: { network: true },
  baseUrl: "https://github.com/rustsec/advisory-db",
  files: [{ name: "archive/refs/heads/osv.zip", maxBytes: 256 * 1024 * 1024 }],
  read: (_file, path, problem) => readOsvZip(path, "rustsec", problem),
};
