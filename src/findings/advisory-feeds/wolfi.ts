// Wolfi and Chainguard: rolling distributions, whose advisories have no release.
// Source: google.github.io/osv.dev/data; edu.chainguard.dev, "Chainguard security advisories".

import type { AdvisoryFeed } from "../advisory-feed.ts";
import { readOsvZip } from "../feed-formats/osv-zip.ts";

export const wolfi: AdvisoryFeed = {
  name: "wolfi",
  summary: "Wolfi and Chainguard images",
  needs: { network: true },
  baseUrl: "https://osv-vulnerabilities.storage.googleapis.com",
  files: ["Wolfi", "Chainguard"].map((name) => ({ name: `${name}/all.zip`, maxBytes: 512 * 1024 * 1024 })),
  read: (_file, path, problem) => readOsvZip(path, "wolfi", problem),
};
