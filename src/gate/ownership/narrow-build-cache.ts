// The classic builder takes a step from its cache wherever the same instruction was run before: a caller who guesses
// another's Dockerfile would get the layers that it made, secrets that a RUN fetched included. With sources for its cache
// the engine keeps to steps that led to one of these images.
// Podman takes repositories of registries there, and steps from whatever is here: its builds take none.
// Source: moby/moby, daemon/images/cache.go (MakeImageCache), image/cache/cache.go (GetCache);
// containers/podman, pkg/api/handlers/compat/images_build.go (cachefrom, nocache).

import type { PinnedCall } from "../call.ts";
import type { Lookup } from "../references/lookup.ts";

/** More would not fit into a request line, and the newest are what a build continues from. */
const maxSources = 200;
/** A source that no image is: then nothing is taken from the cache. */
const noSource = "none-of-yours";

/** Whose images may lend their steps, and where they are. */
export type CacheOwner = { readonly owner: string; readonly lookup: Lookup; readonly engineKind: string };

/** Sources that the caller names itself were decided on before. */
export async function narrowBuildCache(pinned: PinnedCall, cache: CacheOwner): Promise<PinnedCall> {
  const { owner, lookup, engineKind } = cache;
  const { call } = pinned;
  if (engineKind !== "docker") return { ...pinned, call: { ...call, query: { ...call.query, nocache: ["1"] } } };
  const named = call.query["cachefrom"]?.[0] ?? "";
  const isClassic = call.query["version"]?.[0] !== "2";
  if (call.route.action !== "image.build" || !isClassic || !["", "null", "[]"].includes(named)) return pinned;
  const ids = await lookup.imageIds();
  const own = ids.filter((id) => lookup.ledger.owners("image", id).includes(owner)).slice(0, maxSources);
  const sources = own.length === 0 ? [noSource] : own;
  return { ...pinned, call: { ...call, query: { ...call.query, cachefrom: [JSON.stringify(sources)] } } };
}
