// Rebuilds of Red Hat's distribution, SUSE and Azure Linux, which write their advisories in the OSV format.
// Source: google.github.io/osv.dev/data.

import type { AdvisoryFeed } from "../advisory-feed.ts";
import { readOsvZip } from "../feed-formats/osv-zip.ts";

const ecosystems = ["Rocky Linux", "AlmaLinux", "SUSE", "openSUSE", "Azure Linux"];

export const rpmOsv: AdvisoryFeed = {
  name: "rpm-osv",
  summary: "Rocky Linux, AlmaLinux, SUSE, openSUSE, Azure Linux",
  needs: { network: true },
  baseUrl: "https://osv-vulnerabilities.storage.googleapis.com",
  files: ecosystems.map((name) => ({ name: `${name}/all.zip`, maxBytes: 1024 * 1024 * 1024 })),
  read: (_file, path, problem) => readOsvZip(path, "rpm-osv", problem),
};
