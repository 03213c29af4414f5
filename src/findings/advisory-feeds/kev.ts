// Weaknesses that somebody has been seen to use. Source: cisa.gov/known-exploited-vulnerabilities-catalog.

import { malformed } from "../../base/errors.ts";
import { listAt, textAt } from "../../base/reading.ts";
import type { AdvisoryFeed, FeedRecord } from "../advisory-feed.ts";
import { readWholeJson } from "../feed-formats/whole-file.ts";

export const kev: AdvisoryFeed = {
  name: "kev",
  summary: "CISA's list of known exploited vulnerabilities",
  needs: { network: true },
  baseUrl: "https://www.cisa.gov/sites/default/files/feeds",
  files: [{ name: "known_exploited_vulnerabilities.json", maxBytes: 64 * 1024 * 1024 }],
  async *read(file, path, problem): AsyncIterable<FeedRecord> {
    const entries = listAt(readWholeJson(path), "vulnerabilities");
    if (entries.length === 0) throw malformed(file.name, "expected a list of vulnerabilities");
    for (const entry of entries) {
      const id = textAt(entry, "cveID");
      if (/^CVE-\d{4}-\d{4,}$/.test(id)) yield { kind: "exploitation", id, epss: -1, isKnownExploited: true };
      else problem(`${file.name}: an entry without a CVE id`);
    }
  },
};
