// The images of an OCI layout with the signatures that lie beside them (cosign save, oras, skopeo): as what each may be judged, by the
// names that the layout gives it, else by the repositories that what was signed names. Both are claims: the trust file decides.

import { PlimsollError } from "../../base/errors.ts";
import { readReference, repositoryOf, withDefaultTag } from "../../base/reference.ts";
import { layoutContents } from "../../image/archive/layout-contents.ts";
import { type LayoutImage, type ReadLayout, readLayout } from "../../image/archive/layout-images.ts";
import { thisPlatform } from "../../image/documents/platform.ts";
import type { TrustSubject } from "../../model/trust.ts";
import { claimedRepository } from "../../trust/claimed-repository.ts";
import type { TrustFile } from "../../trust/file/trust-file.ts";
import type { FoundEnvelopes, SignatureFormat } from "../../trust/signature-format.ts";
import { signatureFormats } from "../../trust/signature-formats.generated.ts";
import type { Carried } from "./carried.ts";

export type { ReadLayout };

/** @returns undefined for one that cannot be read: nobody vouches for what is in it */
export function openLayout(
  index: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
  missing: string,
): ReadLayout | undefined {
  try {
    return readLayout(layoutContents(index, files, missing));
  } catch (thrown) {
    if (thrown instanceof PlimsollError) return undefined;
    throw thrown;
  }
}

/** Each to be judged for itself. */
export type LayoutClaim = Carried & {
  readonly image: LayoutImage;
  /** The layout says that the image is called so; false where only what was signed says it. */
  readonly isNamed: boolean;
};

/** Images, their names and their platforms: more would only be there to make us verify. */
const maxClaims = 64;
const maxRepositories = 8;
const maxEnvelopes = 64;

/** None of an image that nobody signed: it came like all others. */
export async function claimsIn(layout: ReadLayout, file: TrustFile): Promise<readonly LayoutClaim[]> {
  const claims: LayoutClaim[] = [];
  for (const image of layout.images) {
    if (claims.length >= maxClaims) break;
    const repositories = await repositoriesOf(image, layout);
    if (repositories === undefined) continue;
    const isNamed = image.names.length > 0;
    const names = isNamed ? image.names : placesOf(image, [...repositories, ...exactScopes(file)]);
    claims.push(...names.flatMap((name) => claimsTo(name, image, layout)).map((one) => ({ ...one, isNamed })));
  }
  return claims.slice(0, maxClaims);
}

/** One for each platform that is there. @param name with tag or digest */
export function claimsTo(
  name: string,
  image: LayoutImage,
  layout: ReadLayout,
): readonly Omit<LayoutClaim, "isNamed">[] {
  const read = readReference(name);
  if (read === undefined) return [];
  const reference = withDefaultTag(read);
  const store = layout.store(image, repositoryOf(reference), reference.tag ?? "");
  return image.platforms.map((platform) => ({ image, reference, store, platform: platform ?? thisPlatform() }));
}

/** What was signed of it is for these repositories; undefined where nothing was signed at all. */
export async function repositoriesOf(image: LayoutImage, layout: ReadLayout): Promise<readonly string[] | undefined> {
  const all = await Promise.all(signatureFormats.map((format) => findAll(format, image, layout)));
  const envelopes = all.flatMap((found) => found.envelopes);
  if (envelopes.length === 0 && all.every(({ rejected }) => rejected.length === 0)) return undefined;
  const claimed = envelopes.map(claimedRepository).filter((repository) => repository !== "");
  return [...new Set(claimed)].slice(0, maxRepositories);
}

/** What cannot be read is somebody's attempt, and told when it is judged. */
async function findAll(format: SignatureFormat, image: LayoutImage, layout: ReadLayout): Promise<FoundEnvelopes> {
  const subject: TrustSubject = { digest: image.digest, mediaType: "", size: 0, repository: "", tag: "" };
  try {
    return await format.find(subject, layout.store(image, "", ""), maxEnvelopes);
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    return { envelopes: [], rejected: [{ format: format.name, why: thrown.message, artifact: "" }], missing: "" };
  }
}

export function placesOf({ digest }: LayoutImage, repositories: readonly string[]): readonly string[] {
  return [...new Set(repositories)].slice(0, maxRepositories).map((repository) => `${repository}@${digest}`);
}

/** Where signatures need not name the repository (cosign 3, notation), only one that is named exactly can be meant. */
function exactScopes({ rules }: TrustFile): readonly string[] {
  return rules.filter(({ scope, binds }) => binds === "any" && !scope.endsWith("/*")).map(({ scope }) => scope);
}
