// From the publishers to a new database: fetch what changed, then build from what is here. One feed that fails leaves the others.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { fieldAt } from "../../base/reading.ts";
import type { AdvisoryFeed, FeedFile } from "../advisory-feed.ts";
import { type BuildResult, buildAdvisories } from "./build-advisories.ts";
import { download } from "./download.ts";
import { chooseFeeds, fileOf } from "./feed-folder.ts";
import { lockFolder } from "./lock.ts";
import { downloadFailed } from "./request.ts";

export type UpdateEvent = {
  readonly kind: "receiving" | "received" | "unchanged" | "failed" | "problem" | "building";
  readonly feed: string;
  /** "" when it concerns the whole feed. */
  readonly file: string;
  /** Bytes; 0 where there are none. `total` is 0 when unknown. */
  readonly received: number;
  readonly total: number;
  /** One sentence; "" when there is nothing to say. */
  readonly what: string;
};

export type UpdateSettings = {
  /** Holds the database, its keys, and what was downloaded. */
  readonly folder: string;
  /** Names; all when absent. */
  readonly feeds?: readonly string[];
  /** Base addresses by name of the feed, instead of the publisher's own. */
  readonly mirrors?: Readonly<Record<string, string>>;
  readonly now: () => Date;
  readonly retryMs?: number;
  readonly progress?: (event: UpdateEvent) => void;
  readonly signal?: AbortSignal;
};

/** Files of feeds that could not be fetched or read; what was here before is used instead. */
export type FeedFailure = { readonly feed: string; readonly file: string; readonly what: string };

export type UpdateResult = BuildResult & { readonly failures: readonly FeedFailure[] };

const defaultRetryMs = 2000;
/** An index of a repository is the largest of the small files. */
const maxSmallBytes = 64 * 1024;

/**
 * The only function of this room that uses the network.
 * @throws PlimsollError DOWNLOAD_FAILED when nothing at all is there, ALREADY_RUNNING, USAGE for an unknown feed
 */
export async function updateAdvisories(settings: UpdateSettings): Promise<UpdateResult> {
  const feeds = chooseFeeds(settings.feeds);
  mkdirSync(settings.folder, { recursive: true });
  const unlock = lockFolder(settings.folder);
  try {
    const failures: FeedFailure[] = [];
    for (const feed of feeds) for (const file of feed.files) failures.push(...(await fetchFile(feed, file, settings)));
    const built = await buildAdvisories(settings);
    return { ...built, failures: [...failures, ...built.failures] };
  } finally {
    unlock();
  }
}

async function fetchFile(
  feed: AdvisoryFeed,
  file: FeedFile,
  settings: UpdateSettings,
): Promise<readonly FeedFailure[]> {
  const tell = (kind: UpdateEvent["kind"], more: Partial<UpdateEvent> = {}): void =>
    settings.progress?.({ kind, feed: feed.name, file: file.name, received: 0, total: 0, what: "", ...more });
  try {
    const source = await locate(feed, file, settings);
    const isNew = await download({
      ...source,
      path: fileOf(settings.folder, feed, file),
      maxBytes: file.maxBytes,
      now: settings.now,
      retryMs: settings.retryMs ?? defaultRetryMs,
      progress: (received, total) => tell("receiving", { received, total: Number.isNaN(total) ? 0 : total }),
      ...(settings.signal === undefined ? {} : { signal: settings.signal }),
    });
    tell(isNew ? "received" : "unchanged");
    return [];
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError) || settings.signal?.aborted === true) throw thrown;
    tell("failed", { what: errorText(thrown) });
    return [{ feed: feed.name, file: file.name, what: errorText(thrown) }];
  }
}

/** Address and checksum, both of which the publisher may keep in small files of their own. */
async function locate(feed: AdvisoryFeed, file: FeedFile, settings: UpdateSettings) {
  const base = baseOf(feed, settings);
  if (file.repositoryIn !== undefined) return locateUpdates(base, feed, file.repositoryIn, settings);
  const name =
    file.nameIn === undefined ? file.name : await readSmall(base, feed, file.nameIn, /^[\w.-]{1,200}$/, settings);
  const checksum =
    file.checksumSuffix === undefined
      ? ""
      : await readSmall(base, feed, `${name}${file.checksumSuffix}`, /^[0-9a-f]{64}(?:\s|$)/i, settings);
  return { url: urlOf(base, name), sha256: checksum.slice(0, 64).toLowerCase() };
}

/** Source: createrepo_c, repomd.xml. */
async function locateUpdates(base: string, feed: AdvisoryFeed, listName: string, settings: UpdateSettings) {
  const list = await readSmall(base, feed, listName, /^https?:\/\/[^\s/]+\/[\w./-]+(?:\s|$)/, settings);
  const folder = new URL(list.split(/\s/, 1)[0] ?? "").pathname.replaceAll(/^\/+|\/+$/g, "");
  const index = await readSmall(base, feed, `${folder}/repodata/repomd.xml`, /<repomd[\s>]/, settings);
  const updates = /<data type="updateinfo">[\s\S]*?<\/data>/.exec(index)?.[0] ?? "";
  const place = /<location href="(repodata\/[\w.-]+\.xml\.gz)"/.exec(updates)?.[1];
  const sha256 = /<checksum type="sha256">([0-9a-f]{64})<\/checksum>/.exec(updates)?.[1];
  if (place === undefined || sha256 === undefined) throw downloadFailed(`${feed.name}: ${folder} tells of no updates`);
  return { url: urlOf(base, `${folder}/${place}`), sha256 };
}

function baseOf(feed: AdvisoryFeed, settings: UpdateSettings): string {
  const mirror = fieldAt(settings.mirrors, feed.name);
  return (typeof mirror === "string" ? mirror : feed.baseUrl).replace(/\/+$/, "");
}

function urlOf(base: string, name: string): string {
  return `${base}/${name.split("/").map(encodeURIComponent).join("/")}`;
}

async function readSmall(
  base: string,
  feed: AdvisoryFeed,
  name: string,
  shape: RegExp,
  settings: UpdateSettings,
): Promise<string> {
  const path = join(settings.folder, "feeds", feed.name, `small-${name.replaceAll(/[^\w.-]/g, "_")}`);
  const options = { url: urlOf(base, name), path, maxBytes: maxSmallBytes, sha256: "", now: settings.now };
  await download({ ...options, retryMs: settings.retryMs ?? defaultRetryMs });
  const text = readFileSync(path, "utf8").trim();
  rmSync(path);
  if (!shape.test(text)) throw downloadFailed(`${feed.name}: ${name} holds ${JSON.stringify(text.slice(0, 80))}`);
  return text;
}
