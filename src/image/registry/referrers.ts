// Who says that it speaks about a digest: pages of the referrers API, and the index under the fallback tag.
// Both are claims; whoever uses an entry opens it. Source: OCI distribution-spec v1.1.0, "Listing Referrers".

import { PlimsollError } from "../../base/errors.ts";
import { array, integer, object, optional, record, string } from "../../base/schema.ts";
import type { Artifact, ArtifactDescriptor } from "../../model/artifact-store.ts";
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

/** @param count takes note of what was read, and stops when it is too much */
export async function readApiReferrers(
  session: RegistrySession,
  subject: Digest,
  count: (bytes: Buffer) => Buffer,
): Promise<readonly ArtifactDescriptor[]> {
  const found: ArtifactDescriptor[] = [];
  let place: string | URL | undefined = `referrers/${subject}`;
  for (let page = 1; place !== undefined; page += 1) {
    if (page > maxPages) throw tooMany(`more than ${maxPages} pages`);
    const answer = await session.ask(place, { headers: { Accept: indexTypes.join(", ") } });
    if (page === 1 && notOffered.includes(answer.statusCode)) return dropped(answer) ?? [];
    checkStatus(answer, [200]);
    const next: URL | undefined = nextPage(answer.headers["link"], session.addressOf(place), `/referrers/${subject}`);
    found.push(...readReferrersIndex(count(await readWhole(answer, maxPageBytes))));
    if (found.length > maxReferrers) throw tooMany(`more than ${maxReferrers}`);
    place = next;
  }
  return found;
}

/** What lies there and is no index was put there by somebody else: it says nothing about anybody. */
export async function readTagReferrers(
  manifest: (reference: string) => Promise<Artifact | undefined>,
  subject: Digest,
): Promise<readonly ArtifactDescriptor[]> {
  const artifact = await manifest(fallbackTag(subject));
  if (artifact === undefined || !indexTypes.includes(artifact.mediaType)) return [];
  const found = readReferrersIndex(artifact.bytes);
  if (found.length > maxReferrers) throw tooMany(`more than ${maxReferrers}`);
  return found;
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

export function mergeReferrers(
  first: readonly ArtifactDescriptor[],
  second: readonly ArtifactDescriptor[],
): readonly ArtifactDescriptor[] {
  return [...new Map([...first, ...second].map((one) => [one.digest, one])).values()];
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

function tooMany(what: string): PlimsollError {
  return new PlimsollError("LIMIT_EXCEEDED", `referrers: ${what}`, {
    hint: "remove what does not belong there from the registry",
  });
}
