// How likely it is that somebody uses a weakness within 30 days. Source: first.org/epss, "Data and statistics".

import type { AdvisoryFeed, FeedRecord } from "../advisory-feed.ts";
import { readCsv } from "../feed-formats/text-file.ts";

export const epss: AdvisoryFeed = {
  name: "epss",
  summary: "FIRST's exploit prediction scores",
  needs: { network: true },
  baseUrl: "https://epss.empiricalsecurity.com",
  files: [{ name: "epss_scores-current.csv.gz", maxBytes: 64 * 1024 * 1024 }],
  async *read(file, path, problem): AsyncIterable<FeedRecord> {
    for await (const row of readCsv(path)) {
      const id = row.get("cve") ?? "";
      const probability = Number(row.get("epss") || Number.NaN);
      if (/^CVE-\d{4}-\d{4,}$/.test(id) && probability >= 0 && probability <= 1) {
        yield { kind: "exploitation", id, epss: probability, isKnownExploited: false };
      } else problem(`${file.name}: no score in ${JSON.stringify([...row.values()].join(",").slice(0, 80))}`);
    }
  },
};
