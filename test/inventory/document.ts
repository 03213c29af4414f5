// The table of catalogers in docs/inventory.md, made from the catalogers themselves.
// `node test/inventory/document.ts` writes it anew.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cataloger } from "../../src/inventory/cataloger.ts";
import { catalogers } from "../../src/inventory/catalogers.generated.ts";

const path = join(import.meta.dirname, "../../docs/inventory.md");
const start = "<!-- catalogers -->";
const end = "<!-- /catalogers -->";

/** The document as it is, and as it should be. */
export function inventoryDocument(): { readonly found: string; readonly expected: string } {
  const found = readFileSync(path, "utf8");
  const before = found.slice(0, found.indexOf(start) + start.length);
  return { found, expected: `${before}\n${table()}\n${found.slice(found.indexOf(end))}` };
}

function table(): string {
  const rows = catalogers.map((cataloger) => {
    const { name, summary, maxBytes } = cataloger;
    return `| \`${name}\` | ${summary} | ${filesOf(cataloger)} | ${sizeOf(maxBytes)} |`;
  });
  return ["| cataloger | what it finds | in which files | most bytes |", "|---|---|---|---|", ...rows].join("\n");
}

function filesOf({ reads }: Cataloger): string {
  const names = [
    ...(reads.paths ?? []),
    ...(reads.directories ?? []).map((directory) => `${directory}/*`),
    ...(reads.baseNames ?? []),
    ...(reads.suffixes ?? []).map((suffix) => `*${suffix}`),
  ].map((name) => `\`${name}\``);
  const shown = names.length > 8 ? [...names.slice(0, 7), `and ${names.length - 7} more`] : names;
  return [...shown, ...(reads.executables === true ? ["ELF programs and libraries"] : [])].join(", ");
}

function sizeOf(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes / 1024} KiB`;
}

if (import.meta.main) writeFileSync(path, inventoryDocument().expected);
