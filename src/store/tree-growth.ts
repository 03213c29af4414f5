// Appends records to the stored log: the row, the leaf, and with every 256th the tile and the ids to find them by.

import type { AuditTables } from "./audit-tables.ts";
import { appendLeaf, leafHash, type Tree, tileWidth } from "./merkle.ts";
import { entryId } from "./record.ts";

export type NewEntry = { readonly id: string; readonly body: string };

/** To be called inside a transaction. @returns the grown tree */
export function growTree(tree: Tree, tables: AuditTables, entries: readonly NewEntry[]): Tree {
  let grown = tree;
  for (const { body } of entries) {
    tables.addEntry({ position: grown.size, body });
    grown = appendLeaf(grown, leafHash(Buffer.from(body)), tables.addHashes);
    if (grown.size % tileWidth === 0) indexTile(tables, grown.size - tileWidth);
  }
  return grown;
}

function indexTile(tables: AuditTables, start: number): void {
  const ids = [...tables.entries(start, start + tileWidth)].map((entry) => entryId(entry.body));
  tables.indexEntries(ids, start);
}
