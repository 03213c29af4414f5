// The source tree as the house rules see it: every file with its imports.

import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export const root = join(import.meta.dirname, "..", "..");

export type SourceFile = { readonly path: string; readonly text: string; readonly imports: readonly string[] };

/** All files under the given folders (`src`), with relative imports resolved to paths from the root. */
export function readSources(...folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), "utf8");
      const imports = [...text.matchAll(/^(?:import|export)\s[^;]*?from\s+"(\.[^"]+)";/gms)].map((match) =>
        relative(root, join(root, dirname(path), match[1] ?? "")),
      );
      return { path, text, imports };
    });
}
