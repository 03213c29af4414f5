// Which files the distribution's package manager put there. Lists of packages that are not installed, or that somebody else built, own nothing.

import type { FoundResult } from "../model/package.ts";

export type Ownership = {
  /** @param layer of the file: one that was written after the list is no longer the package's */
  owns(path: string, layer: number): boolean;
};

export function collectOwnership(standing: readonly FoundResult[]): Ownership {
  const installed = new Set<string>();
  const foreign = new Set<string>();
  for (const { result } of standing) {
    for (const item of result.packages) if (item.ecosystem === "deb") installed.add(item.name);
    for (const name of result.thirdParty ?? []) foreign.add(name);
  }
  const layers = new Map<string, number>();
  for (const { result, layer } of standing) {
    const { owner, owned } = result;
    if (owner !== undefined && (!installed.has(owner) || foreign.has(owner))) continue;
    for (const path of owned) layers.set(merged(path), Math.max(layer, layers.get(merged(path)) ?? -1));
  }
  return { owns: (path, layer) => layer <= (layers.get(merged(path)) ?? Number.NEGATIVE_INFINITY) };
}

/** Where bin, sbin and lib are links into usr, lists still say `lib/x` for what lies at `usr/lib/x`. */
function merged(path: string): string {
  return /^(?:s?bin|lib(?:32|64|x32)?)\//.test(path) ? `usr/${path}` : path;
}
