// Who says that it speaks about a digest: pages of the referrers API, and the index under the fallback tag. Where there are more
// than anybody reads, those of the types that are sought come first. All are claims; whoever uses an entry opens it.
// Source: OCI distribution-spec v1.1.0, "Listing Referrers".

import { PlimsollError } from "../../base/errors.ts";
import { array, integer, object, optional, record, string } from "../../base/schema.ts";
import type { Artifact, ArtifactDescriptor, ReferrerList } from "../../model/artifact-store.ts";
import type { Digest } from "../../model/image.ts";
import { digest } from "../documents/digest.ts";
import { readDocument } from "../documents/document.ts";
import { indexTypes } from "../documents/manifest.ts";
import { checkStatus, dropped, readWhole } from "./answer.ts";
import type { RegistrySession } from "./registry-session.ts";
import { refused } from "./send.ts";

const maxPages = 16;
const maxReferrers = 512;
const maxPageBytes = 4 * 1024 * 1024;
/** Of all pages of one list. */
const maxListBytes = 16 * 1024 * 1024;

const indexShape = object({
  schemaVersion: integer,
  manifests: array(
    object({
      mediaType: string,
      digest,
      size: integer,
      artifactType: optional(string),
      annotations: optional(record(string)),
    }),
  ),
});

/** Registries that do not know the call answer that it is not there, or that it is not theirs. */
const notOffered: readonly (number | undefined)[] = [404, 405, 501];

export function readApiReferrers(session: RegistrySession, subject: Digest): Promise<ReferrerList> {
  return readPages(session, subject, placeOf(subject));
}

/** Too many at once: then each type by itself, which a registry that knows the filter answers with those alone. */
export async function withSought(
  session: RegistrySession,
  subject: Digest,
  all: ReferrerList,
  sought: readonly string[],
): Promise<ReferrerList> {
  if (all.missing === "") return all;
  const filtered = sought.map((type) =>
    readPages(session, subject, `${placeOf(subject)}?artifactType=${encodeURIComponent(type)}`),
  );
  const lists = [...(await Promise.all(filtered)), all];
  return { entries: unique(lists.flatMap(({ entries }) => entries)), missing: all.missing };
}

function placeOf(subject: Digest): string {
  return `referrers/${subject}`;
}

/** What was read until a limit is what there is; everything else that goes wrong is an error. */
async function readPages(session: RegistrySession, subject: Digest, first: string): Promise<ReferrerList> {
  const entries: ArtifactDescriptor[] = [];
  let bytes = 0;
  let place: string | URL | undefined = first;
  for (let page = 1; place !== undefined; page += 1) {
    if (page > maxPages) return tooMany(entries, `more than ${maxPages} pages of referrers`);
    const answer = await session.ask(place, { headers: { Accept: indexTypes.join(", ") } });
    if (page === 1 && notOffered.includes(answer.statusCode)) return dropped(answer) ?? { entries, missing: "" };
    checkStatus(answer, [200]);
    const next: URL | undefined = nextPage(answer.headers["link"], session.addressOf(place), `/referrers/${subject}`);
    const content = await withinLimit(() => readWhole(answer, maxPageBytes));
    bytes += content?.length ?? 0;
    if (content === undefined || bytes > maxListBytes) return tooMany(entries, "a list of referrers without end");
    entries.push(...readReferrersIndex(content));
    if (entries.length > maxReferrers) return tooMany(entries, `more than ${maxReferrers} referrers`);
    place = next;
  }
  return { entries, missing: "" };
}

/** What lies there and is no index was put there by somebody else: it says nothing about anybody. */
export async function readTagReferrers(
  tagged: () => Promise<Artifact | undefined>,
  sought: readonly string[],
): Promise<ReferrerList> {
  const missing = "a list of referrers without end";
  const artifact = await withinLimit(async () => (await tagged()) ?? "none");
  if (artifact === undefined) return { entries: [], missing };
  if (artifact === "none" || !indexTypes.includes(artifact.mediaType)) return { entries: [], missing: "" };
  const entries = readReferrersIndex(artifact.bytes);
  if (entries.length <= maxReferrers) return { entries, missing: "" };
  const isSought = ({ artifactType }: ArtifactDescriptor): boolean => sought.includes(artifactType);
  const inOrder = [...entries.filter(isSought), ...entries.filter((entry) => !isSought(entry))];
  return tooMany(inOrder, `more than ${maxReferrers} referrers`);
}

/** `sha256-0123...` */
export function fallbackTag(subject: Digest): string {
  return subject.replace(":", "-");
}

export function readReferrersIndex(bytes: Uint8Array): readonly ArtifactDescriptor[] {
  const index = readDocument(bytes, { what: "referrers", maxBytes: maxPageBytes, decoder: indexShape });
  return index.manifests.map(({ artifactType = "", annotations = {}, ...rest }) => ({
    ...rest,
    artifactType,
    annotations,
  }));
}

export function mergeReferrers(first: ReferrerList, second: ReferrerList): ReferrerList {
  return { entries: unique([...first.entries, ...second.entries]), missing: first.missing || second.missing };
}

function unique(entries: readonly ArtifactDescriptor[]): readonly ArtifactDescriptor[] {
  return [...new Map(entries.map((one) => [one.digest, one])).values()];
}

function tooMany(entries: readonly ArtifactDescriptor[], what: string): ReferrerList {
  return { entries: entries.slice(0, maxReferrers), missing: `${what}: the rest was not looked at` };
}

async function withinLimit<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === "LIMIT_EXCEEDED") return undefined;
    throw thrown;
  }
}

/** The next page is a page of the same list, on the same registry. */
function nextPage(link: string | readonly string[] | undefined, from: URL, path: string): URL | undefined {
  const text = typeof link === "string" ? link : (link?.[0] ?? "");
  const target = /^<([^<>]{1,2000})>\s*;\s*rel="?next"?\s*$/.exec(text)?.[1];
  if (target === undefined) return undefined;
  const url = URL.parse(target, from.href);
  if (url === null || url.origin !== from.origin || !url.pathname.endsWith(path)) {
    throw refused(`a next page of referrers at ${JSON.stringify(target.slice(0, 200))}`);
  }
  return url;
}
