// Debian's announcements (DSA) and those of its long-term support (DLA): which version fixed what in which release.
// The tracker says more; these lists go further back. Source: security-tracker's data/DSA/list, data/DLA/list.

import { malformed } from "../../base/errors.ts";
import type { Advisory } from "../../model/advisory.ts";
import type { AdvisoryFeed, FeedRecord } from "../advisory-feed.ts";
import { oneLine } from "../feed-formats/one-line.ts";
import { readLines } from "../feed-formats/text-file.ts";
import { debianNamespace } from "../matching/distribution-namespaces.ts";

export const debianLists: AdvisoryFeed = {
  name: "debian-lists",
  summary: "Debian's announcements DSA and DLA, also for old releases",
  needs: { network: true },
  baseUrl: "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master",
  files: [
    { name: "data/DSA/list", maxBytes: 64 * 1024 * 1024 },
    { name: "data/DLA/list", maxBytes: 64 * 1024 * 1024 },
  ],
  async *read(file, path): AsyncIterable<FeedRecord> {
    let current: Announcement | undefined;
    for await (const line of readLines(path)) {
      const next = readHead(line);
      if (next !== undefined) current = next;
      else if (current === undefined) throw malformed(file.name, "expected `[date] DSA-...` in the first line");
      else current.names = readNames(line) ?? current.names;
      if (current !== undefined) for (const advisory of readFix(line, current)) yield { kind: "advisory", advisory };
    }
  },
};

type Announcement = {
  readonly id: string;
  readonly summary: string;
  readonly published: string;
  names: readonly string[];
};

/** `[29 Mar 2023] DSA-5380-1 xorg-server - security update` */
function readHead(line: string): Announcement | undefined {
  const match = /^\[(\d{1,2} \w{3} \d{4})\] ((?:DSA|DLA|DTSA)-\d+-\d+) (.*)$/.exec(line);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const date = new Date(`${match[1]} UTC`);
  const published = Number.isNaN(date.getTime()) ? "" : date.toISOString();
  return { id: match[2], summary: oneLine(match[3] ?? ""), published, names: [] };
}

/** `{CVE-2023-1393 CVE-2023-1394}` */
function readNames(line: string): readonly string[] | undefined {
  const names = /^\s+\{([^}]*)\}\s*$/.exec(line)?.[1];
  return names?.split(/\s+/).filter((name) => /^CVE-\d{4}-\d{4,}$/.test(name));
}

/** `[bullseye] - xorg-server 2:1.20.11-1+deb11u6`. A repair of an earlier update names no weakness, and is none. */
function readFix(line: string, { id, summary, published, names }: Announcement): readonly Advisory[] {
  const match = /^\s+\[(\w+)\]\s+-\s+(\S+)\s+([^\s<]\S*)\s*$/.exec(line);
  const [, codename, source, fixed] = match ?? [];
  if (codename === undefined || source === undefined || fixed === undefined) return [];
  return names.map((name) => ({
    id,
    aliases: [name],
    feed: "debian-lists",
    namespace: debianNamespace(codename),
    package: source,
    ranges: [{ introduced: "", fixed, lastAffected: "" }],
    versions: [],
    fixState: "fixed",
    severity: "unknown",
    cvss: [],
    summary,
    url: `https://security-tracker.debian.org/tracker/${id}`,
    published,
    imports: [],
    module: "",
    isUnimportant: false,
  }));
}
