// An image that the engine has already: where it is from decides who has to have signed it. The engine only says where it is
// from; it counts when the manifest there is the one of exactly this image.

import { errorText } from "../../base/errors.ts";
import { formatReference, type ImageReference, parseReference, repositoryOf } from "../../base/reference.ts";
import type { Digest, Platform } from "../../model/image.ts";
import type { TrustSubject, TrustVerdict } from "../../model/trust.ts";
import { findScope } from "../../trust/file/scopes.ts";
import type { TrustFile, TrustMode } from "../../trust/file/trust-file.ts";
import type { KnownImages } from "./known-images.ts";
import type { AskedTrust, JudgedImage } from "./trust-desk.ts";

export type ImageHere = {
  /** Full id: the digest of its config, in engines with containerd's store that of its manifest or index. */
  readonly id: Digest;
  /** Where the engine pulled it from or pushed it to, `docker.io/library/a@sha256:...`. */
  readonly places: readonly string[];
  readonly platform: Platform;
  /** As the caller named it; undefined for an id: nothing is then claimed of where it is from. */
  readonly name: ImageReference | undefined;
  /** Built, loaded, imported or committed through this gate. */
  readonly isMadeHere: boolean;
};

export type HereDesk = {
  readonly file: TrustFile;
  readonly known: KnownImages | undefined;
  demands(repository: string): TrustMode;
  judge(reference: ImageReference, asked?: AskedTrust): Promise<JudgedImage>;
  judgeLocal(subject: TrustSubject): TrustVerdict;
  /** As if there were no signature anywhere. */
  judgeUnsigned(subject: TrustSubject): TrustVerdict;
};

/** More would only be there to make us ask. */
const maxPlaces = 16;

export async function judgeImageHere(image: ImageHere, desk: HereDesk): Promise<TrustVerdict> {
  if (desk.file.revokedDigests.includes(image.id)) return desk.judgeLocal(localSubject(image.id));
  const places = [...new Set([...image.places, ...(desk.known?.placesOf(image.id) ?? [])])].slice(0, maxPlaces);
  const rule = image.name === undefined ? undefined : findScope(desk.file.rules, repositoryOf(image.name));
  if (image.name !== undefined && rule !== undefined) return judgeName(image.name, image, places, desk);
  const verdicts = await judgePlaces(places, image, desk);
  const trusted = verdicts.find(({ state }) => state === "trusted");
  if (trusted !== undefined) return trusted;
  const revoked = verdicts.find(({ state }) => state === "revoked");
  if (revoked !== undefined) return revoked;
  const foreign = verdicts.find(({ state }) => state === "not-required") ?? verdicts[0];
  return image.isMadeHere || foreign === undefined ? desk.judgeLocal(localSubject(image.id)) : foreign;
}

/** A name that a rule covers is only good for images of that repository, whatever else vouches for the image. */
async function judgeName(
  name: ImageReference,
  image: ImageHere,
  places: readonly string[],
  desk: HereDesk,
): Promise<TrustVerdict> {
  const repository = repositoryOf(name);
  const own = places.filter((place) => place.startsWith(`${repository}@`));
  const verdicts = await judgePlaces(own, image, desk);
  const trusted = verdicts.find(({ state }) => state === "trusted");
  return trusted ?? verdicts[0] ?? judgeForeign(name, image, desk);
}

/** Nothing says that the image is from where its name says: judged as if nobody had signed it. */
function judgeForeign(name: ImageReference, image: ImageHere, desk: HereDesk): TrustVerdict {
  const verdict = desk.judgeUnsigned({
    ...localSubject(image.id),
    repository: repositoryOf(name),
    tag: name.tag ?? "",
  });
  if (verdict.state !== "unsigned") return verdict;
  const reason = `${image.id} did not come from ${repositoryOf(name)}, whose name it has here; ${verdict.reason}`;
  return { ...verdict, reason, remedy: `pull ${formatReference(name)}, or run the image by its id` };
}

async function judgePlaces(
  places: readonly string[],
  image: ImageHere,
  desk: HereDesk,
): Promise<readonly TrustVerdict[]> {
  const verdicts = await Promise.all(places.map((place) => judgePlace(place, image, desk)));
  return verdicts.filter((verdict) => verdict !== undefined);
}

/** @returns undefined when another image is there */
async function judgePlace(place: string, image: ImageHere, desk: HereDesk): Promise<TrustVerdict | undefined> {
  const reference = parseReference(place);
  const scope = findScope(desk.file.rules, repositoryOf(reference))?.scope ?? "";
  const subject = { ...localSubject(reference.digest ?? ""), repository: repositoryOf(reference) };
  const isAsked = desk.demands(repositoryOf(reference)) !== "off" && !desk.file.revokedDigests.includes(subject.digest);
  if (!isAsked) return desk.judgeUnsigned(subject);
  const isNamed = image.name !== undefined && repositoryOf(image.name) === repositoryOf(reference);
  const tag = isNamed ? image.name.tag : undefined;
  try {
    const judged = await desk.judge(tag === undefined ? reference : { ...reference, tag }, {
      platform: image.platform,
    });
    const digests = [judged.configDigest, judged.manifestDigest, judged.subject.digest];
    return digests.includes(image.id) ? judged.verdict : undefined;
  } catch (thrown) {
    return cannotTell(place, { ...subject, tag: tag ?? "" }, scope, thrown);
  }
}

function cannotTell(place: string, subject: TrustSubject, scope: string, thrown: unknown): TrustVerdict {
  return {
    ...{ subject, state: "cannot-tell", scope, signers: [], tagCounter: 0, statements: [], rejected: [] },
    reason: `${place} could not be looked up: ${errorText(thrown)}`,
    remedy: "try again when the registry answers",
  };
}

function localSubject(id: Digest): TrustSubject {
  return { digest: id, mediaType: "", size: 0, repository: "", tag: "" };
}
