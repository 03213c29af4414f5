// A database from the files that were downloaded before: without any network, and from all feeds whose files are here.

import { existsSync, mkdirSync } from "node:fs";
import { errorText, PlimsollError } from "../../base/errors.ts";
import type { AdvisoryFeed, FeedFile, FeedRecord } from "../advisory-feed.ts";
import { advisoryFeeds } from "../advisory-feeds.generated.ts";
import { buildDatabase, type FeedContent } from "../database/build-database.ts";
import type { Manifest } from "../database/format.ts";
import { loadSigningKey } from "../database/signing.ts";
import { databaseFile, fileOf } from "./feed-folder.ts";
import { type FileRecord, readFileRecord, sha256OfFile } from "./file-record.ts";
import type { FeedFailure, UpdateSettings } from "./update-advisories.ts";

export type BuildSettings = Pick<UpdateSettings, "folder" | "now" | "progress">;

export type BuildResult = {
  readonly manifest: Manifest;
  readonly failures: readonly FeedFailure[];
  /** Single records that could not be read. */
  readonly problems: number;
};

/** @throws PlimsollError DOWNLOAD_FAILED when there is no file of any feed, or none could be read */
export async function buildAdvisories(settings: BuildSettings): Promise<BuildResult> {
  mkdirSync(settings.folder, { recursive: true });
  const failures: FeedFailure[] = [];
  let problems = 0;
  const context: Context = {
    settings,
    fail: (failure) => failures.push(failure),
    problem: (feed, file, what) => {
      problems += 1;
      settings.progress?.({ kind: "problem", feed, file, received: 0, total: 0, what });
    },
  };
  const feeds = advisoryFeeds.flatMap((feed) => contentOf(feed, context));
  if (feeds.length === 0) throw nothingThere(settings.folder, "no downloaded feed");
  const manifest = await buildDatabase({
    file: databaseFile(settings.folder),
    feeds,
    signingKey: loadSigningKey(settings.folder),
    builtAt: settings.now().toISOString(),
  });
  return { manifest, failures, problems };
}

type Context = {
  readonly settings: BuildSettings;
  readonly fail: (failure: FeedFailure) => void;
  readonly problem: (feed: string, file: string, what: string) => void;
};

/** Empty when none of its files is here. Its age is that of its oldest file. */
function contentOf(feed: AdvisoryFeed, context: Context): readonly FeedContent[] {
  const files = feed.files.map((file) => ({
    file,
    record: readFileRecord(fileOf(context.settings.folder, feed, file)),
  }));
  const present = files.flatMap(({ file, record }) => (record === undefined ? [] : [{ file, record }]));
  const [oldest] = present.map(({ record }) => record.checkedAt).sort();
  if (oldest === undefined) return [];
  const progress: Progress = { isComplete: present.length === feed.files.length };
  return [
    {
      name: feed.name,
      updatedAt: oldest,
      isComplete: () => progress.isComplete,
      records: readFiles(feed, present, progress, context),
    },
  ];
}

type Progress = { isComplete: boolean };
type Present = { readonly file: FeedFile; readonly record: FileRecord };

async function* readFiles(
  feed: AdvisoryFeed,
  files: readonly Present[],
  progress: Progress,
  context: Context,
): AsyncIterable<FeedRecord> {
  for (const { file, record } of files) {
    context.settings.progress?.({
      kind: "building",
      feed: feed.name,
      file: file.name,
      received: 0,
      total: 0,
      what: "",
    });
    try {
      yield* readFile(feed, file, record, context);
    } catch (thrown) {
      progress.isComplete = false;
      context.fail({ feed: feed.name, file: file.name, what: errorText(thrown) });
    }
  }
}

async function* readFile(
  feed: AdvisoryFeed,
  file: FeedFile,
  record: FileRecord,
  context: Context,
): AsyncIterable<FeedRecord> {
  const path = fileOf(context.settings.folder, feed, file);
  if (!existsSync(path) || (await sha256OfFile(path)) !== record.sha256) {
    throw nothingThere(path, "is not what was downloaded");
  }
  yield* feed.read(file, path, (what) => context.problem(feed.name, file.name, what));
}

function nothingThere(where: string, what: string): PlimsollError {
  return new PlimsollError("DOWNLOAD_FAILED", `${where}: ${what}`, { hint: "run `plimsoll advisories update`" });
}
