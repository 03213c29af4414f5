// Ubuntu's advisories with their states in each release and in Ubuntu Pro, as Canonical writes them in the OSV format.
// Source: google.github.io/osv.dev/data; ubuntu.com/security.

import type { AdvisoryFeed } from "../advisory-feed.ts";
import { readOsvZip } from "../feed-formats/osv-zip.ts";

export const ubuntuOsv: AdvisoryFeed = {
  name: "ubuntu-osv",
  summary: "Ubuntu, with Ubuntu Pro",
  needs: { network: true },
  baseUrl: "https://osv-vulnerabilities.storage.googleapis.com",
  files: [{ name: "Ubuntu/all.zip", maxBytes: 2 * 1024 * 1024 * 1024 }],
  read: (_file, path, problem) => readOsvZip(path, "ubuntu-osv", problem),
};
