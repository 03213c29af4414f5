// Lock files say what was asked for. Those that lie inside an installed package speak of its author's machine, not of this image.

import type { CatalogResult } from "../model/package.ts";

export const nothing: CatalogResult = { packages: [], owned: [] };

export function isInsideInstalledPackage(path: string): boolean {
  return /(?:^|\/)(?:node_modules|site-packages|dist-packages|gems|\.cargo\/registry|pkg\/mod)\//.test(path);
}
