// Until when releases get fixes, for Debian and Ubuntu. Source: the package distro-info-data.

import type { DistributionSupport } from "../../model/advisory.ts";
import type { AdvisoryFeed, FeedRecord } from "../advisory-feed.ts";
import { readCsv } from "../feed-formats/text-file.ts";

export const endOfLife: AdvisoryFeed = {
  name: "end-of-life",
  summary: "ends of support of Debian and Ubuntu releases",
  needs: { network: true },
  baseUrl: "https://salsa.debian.org/debian/distro-info-data/-/raw/main",
  files: [
    { name: "debian.csv", maxBytes: 1024 * 1024 },
    { name: "ubuntu.csv", maxBytes: 1024 * 1024 },
  ],
  async *read(file, path, problem): AsyncIterable<FeedRecord> {
    for await (const row of readCsv(path)) {
      const support = toSupport(file.name.replace(".csv", ""), row);
      if (support === undefined)
        problem(`${file.name}: no release in ${JSON.stringify([...row.values()].join(",").slice(0, 80))}`);
      // Testing and unstable have neither version nor end.
      else if (support.version !== "") yield { kind: "support", support };
    }
  },
};

/** What only subscribers get (Debian ELTS, Ubuntu ESM) does not count. */
function toSupport(distribution: string, row: ReadonlyMap<string, string>): DistributionSupport | undefined {
  const [version = ""] = (row.get("version") ?? "").split(" ", 1);
  const dates = [row.get("eol") ?? "", row.get("eol-lts") ?? ""] as const;
  if (!row.has("version") || !/^[\d.]*$/.test(version)) return undefined;
  if (dates.some((date) => date !== "" && !/^\d{4}-\d{2}-\d{2}$/.test(date))) return undefined;
  return { distribution, version, endOfLife: dates[0], endOfExtended: dates[1] };
}
