// Where things lie in the folder of the advisories: `advisories.db`, `feeds/FEED/FILE`, keys beside the database.

import { join } from "node:path";
import { PlimsollError } from "../../base/errors.ts";
import type { AdvisoryFeed, FeedFile } from "../advisory-feed.ts";
import { advisoryFeeds } from "../advisory-feeds.generated.ts";

export function databaseFile(folder: string): string {
  return join(folder, "advisories.db");
}

/** Names of files are ours, from the feeds' source code: no `..` comes from outside. */
export function fileOf(folder: string, feed: AdvisoryFeed, file: FeedFile): string {
  return join(folder, "feeds", feed.name, file.name);
}

/** @throws PlimsollError USAGE for a name that is no feed */
export function chooseFeeds(names: readonly string[] | undefined): readonly AdvisoryFeed[] {
  if (names === undefined) return advisoryFeeds;
  return [...new Set(names)].map((name) => {
    const feed = advisoryFeeds.find((one) => one.name === name);
    if (feed !== undefined) return feed;
    throw new PlimsollError("USAGE", `no advisory feed ${JSON.stringify(name)}`, {
      hint: `choose among ${advisoryFeeds.map((one) => one.name).join(", ")}`,
    });
  });
}
