// The `[[package]]` tables of lock files in TOML (Cargo, Poetry, uv, PDM). Programs write them one key a line, so nothing else of TOML is needed:
// what is not laid out that way is told, not guessed.
// Source: toml.io v1.0.0, "Array of tables", "Key/Value pair".

import { fileLines } from "./text.ts";

/** Keys of one table whose values are basic strings; other values stand as they are written. */
export type TomlPackage = ReadonlyMap<string, string>;

/** @param tables names of arrays of tables, `package`, `packages` */
export function* readTomlPackages(content: Uint8Array, tables: readonly string[]): Generator<TomlPackage> {
  let current: Map<string, string> | undefined;
  for (const line of fileLines(content)) {
    if (line.startsWith("[")) {
      if (current !== undefined) yield current;
      const table = /^\[\[([\w.-]+)\]\]\s*(?:#.*)?$/.exec(line)?.[1];
      current = table !== undefined && tables.includes(table) ? new Map() : undefined;
      continue;
    }
    const equals = line.indexOf("=");
    if (current === undefined || equals === -1 || /^[\s#]/.test(line)) continue;
    const key = line.slice(0, equals).trim();
    if (!current.has(key)) current.set(key, plainValue(line.slice(equals + 1).trim()));
  }
  if (current !== undefined) yield current;
}

/** `"1.2.3"` and `'1.2.3'` lose their quotes. Names and versions hold no escapes. */
function plainValue(value: string): string {
  return /^"([^"\\]*)"/.exec(value)?.[1] ?? /^'([^']*)'/.exec(value)?.[1] ?? value;
}
