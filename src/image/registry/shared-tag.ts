// A tag that several change at the same moment. No registry can be told "write this if nobody wrote in between" (distribution-spec v1.1.0
// has no If-Match), so a change is made, and then watched until the tag was quiet for longer than any other writer takes from reading it
// to writing it: whoever had read what was there before has written by then, and was seen. On one host nobody needs to be outwaited.

import { setTimeout as sleep } from "node:timers/promises";
import { PlimsollError } from "../../base/errors.ts";
import { withHostLock } from "../../base/host-lock.ts";
import type { Artifact, ArtifactStore, ManifestUpdate } from "../../model/artifact-store.ts";
import type { Digest } from "../../model/image.ts";

const rounds = 15;
/** Who writes from elsewhere may be slower than we, and stand still for a moment. */
const patience = 4;
const leastQuietMs = 300;
const looksWhileQuiet = 3;
/** Where others never stop, what outlasted this many looks stays. */
const mostLooks = 60;

type Place = { readonly store: ArtifactStore; readonly tag: string; readonly update: ManifestUpdate };

/** @throws PlimsollError REGISTRY_REFUSED when others undo it every time */
export async function updateSharedTag(place: Place): Promise<Digest> {
  const { store, tag } = place;
  for (let round = 1; round <= rounds; round += 1) {
    const tookMs = await withHostLock(`${store.repository}:${tag}`, () => write(place));
    const quietMs = Math.max(leastQuietMs, patience * tookMs);
    const settled = await settle(place, quietMs);
    if (settled !== undefined) return settled.digest;
    // Whoever was undone comes back at a moment of their own.
    await sleep(Math.random() * quietMs);
  }
  throw new PlimsollError("REGISTRY_REFUSED", `registry: ${store.repository}:${tag} does not keep what is added`, {
    hint: "try again when nobody else signs this image",
  });
}

/** @returns how long it took from before reading until after writing */
async function write({ store, tag, update }: Place): Promise<number> {
  const started = performance.now();
  const there = await store.manifest(tag);
  if (there === undefined || !update.isIn(there)) {
    const { bytes, mediaType } = await update.change(there);
    await store.putManifest(tag, bytes, mediaType);
  }
  return performance.now() - started;
}

/** @returns what lies there when it was quiet; undefined when the change is gone */
async function settle({ store, tag, update }: Place, quietMs: number): Promise<Artifact | undefined> {
  let seen = await store.manifest(tag);
  let quiet = 0;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    if (seen === undefined || !update.isIn(seen)) return undefined;
    if (quiet === looksWhileQuiet) return seen;
    await sleep(quietMs / looksWhileQuiet);
    const now = await store.manifest(tag);
    quiet = now?.digest === seen.digest ? quiet + 1 : 0;
    seen = now;
  }
  return seen !== undefined && update.isIn(seen) ? seen : undefined;
}
