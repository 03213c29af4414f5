// Which layer brought a version in. A package manager's database is written anew by each layer that installs something, so the uppermost
// copy lists everything: the answer is where an unbroken row of copies that hold the version begins.

import type { FoundResult, Package } from "../model/package.ts";

/** For each path the copies of lower layers, uppermost first: layer and the identities it holds. */
export type History = ReadonlyMap<string, readonly { readonly layer: number; readonly holds: ReadonlySet<string> }[]>;

export function layersByPath(parts: {
  readonly standing: readonly FoundResult[];
  readonly covered: readonly FoundResult[];
}): History {
  const covered = new Set(parts.covered.map(({ path }) => path));
  const paths = new Set(parts.standing.map(({ path }) => path).filter((path) => covered.has(path)));
  const history = new Map<string, { layer: number; holds: ReadonlySet<string> }[]>();
  for (const { path, layer, result } of parts.covered) {
    if (!paths.has(path)) continue;
    const copies = history.get(path) ?? [];
    copies.push({ layer, holds: new Set(result.packages.map(keyOf)) });
    history.set(path, copies);
  }
  for (const copies of history.values()) copies.sort((one, other) => other.layer - one.layer);
  return history;
}

export function layerOf(item: Package, found: FoundResult, history: History): number {
  const key = keyOf(item);
  let layer = found.layer;
  for (const copy of history.get(found.path) ?? []) {
    if (copy.layer > layer || !copy.holds.has(key)) break;
    layer = copy.layer;
  }
  return layer;
}

function keyOf(item: Package): string {
  return `${item.ecosystem}\0${item.name}\0${item.version}\0${item.architecture}`;
}
