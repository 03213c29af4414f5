// Whose an image is. Images and tags carry no label that could be trusted (an image may come from anywhere), so the ledger
// tells: whoever pulled, built, loaded or committed an image, and whoever set one of its tags.

import type { OwnershipLedger } from "../../model/ledger.ts";
import type { Owned } from "../../policy/ownership.ts";
import type { FoundImage } from "./found.ts";

/**
 * An image that has a name nobody claimed was there for everybody: it is shared. One without any name (a build's steps) is not.
 * @param me of several owners, the one that counts
 */
export function ownerOfImage(image: FoundImage | undefined, ledger: OwnershipLedger, me: string): Owned {
  if (image === undefined) return { owner: "", isShared: false };
  const claims = ledger.owners("image", image.id);
  const tagClaims = image.tags.map((tag) => ledger.owners("tag", tag));
  const hasFreeName =
    image.tags.length > 0 ? tagClaims.some((owners) => owners.length === 0) : image.repositories.length > 0;
  const owners = [...claims, ...tagClaims.flat()];
  return {
    owner: owners.includes(me) ? me : (owners[0] ?? ""),
    isShared: claims.length === 0 && hasFreeName,
  };
}

/** Who may move a tag: its only owner. Of several owners, one that is not the caller. */
export function ownerOfTag(tag: string, ledger: OwnershipLedger, me: string): string {
  return soleOwner(ledger.owners("tag", tag), me);
}

/** Who may delete an image with all its tags: the caller, when nobody else has a part in it. */
export function ownerOfWholeImage(image: FoundImage, ledger: OwnershipLedger, me: string): string {
  const claims = ledger.owners("image", image.id);
  const tagClaims = image.tags.map((tag) => ledger.owners("tag", tag));
  const other = [...claims, ...tagClaims.flat()].find((owner) => owner !== me);
  if (other !== undefined) return other;
  const isUnclaimed = tagClaims.length === 0 ? claims.length === 0 : tagClaims.some((owners) => owners.length === 0);
  return isUnclaimed ? "" : me;
}

function soleOwner(owners: readonly string[], me: string): string {
  return owners.find((owner) => owner !== me) ?? owners[0] ?? "";
}
