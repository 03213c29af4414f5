// What database is here, how old it is, and what is in it.

import { existsSync, statSync } from "node:fs";
import { openDatabase } from "../database/open-database.ts";
import { databaseFile } from "./feed-folder.ts";

export type DatabaseStatus = {
  readonly file: string;
  /** Everything below is empty when there is none. */
  readonly exists: boolean;
  readonly bytes: number;
  readonly digest: string;
  /** Public key, base64. */
  readonly signedBy: string;
  readonly builtAt: string;
  /** Hours since it was built; -1 when there is none. */
  readonly ageHours: number;
  readonly feeds: readonly FeedStatus[];
  readonly namespaces: readonly { readonly name: string; readonly advisories: number }[];
};

export type FeedStatus = {
  readonly name: string;
  readonly updatedAt: string;
  readonly ageHours: number;
  readonly advisories: number;
  readonly isComplete: boolean;
};

const none: Omit<DatabaseStatus, "file"> = {
  exists: false,
  bytes: 0,
  digest: "",
  signedBy: "",
  builtAt: "",
  ageHours: -1,
  feeds: [],
  namespaces: [],
};

/** @throws PlimsollError ADVISORIES_INVALID for one that is damaged or not trusted */
export function databaseStatus(folder: string, now: Date): DatabaseStatus {
  const file = databaseFile(folder);
  if (!existsSync(file)) return { file, ...none };
  const database = openDatabase(file);
  try {
    const { data, signedBy, namespaces } = database;
    return {
      file,
      exists: true,
      bytes: statSync(file).size,
      digest: data.digest,
      signedBy,
      builtAt: data.builtAt,
      ageHours: hoursBetween(data.builtAt, now),
      feeds: database.feeds.map((feed) => ({ ...feed, ageHours: hoursBetween(feed.updatedAt, now) })),
      namespaces: [...namespaces].map(([name, advisories]) => ({ name, advisories })),
    };
  } finally {
    database.close();
  }
}

/** A time in the future is no reason to trust something longer. */
export function hoursBetween(earlier: string, now: Date): number {
  const hours = (now.getTime() - Date.parse(earlier)) / 3_600_000;
  return Number.isNaN(hours) ? Number.POSITIVE_INFINITY : Math.abs(hours);
}
