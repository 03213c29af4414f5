// Appends records to the stored log: the row, the leaf, and with every 256th the tile and the ids to find them by.

import type { AuditTables } from "./audit-tables.ts";
import { appendLeaf, type Tree, textLeafHash, tileWidth } from "./merkle.ts";
import { entryId } from "./record.ts";

export type NewEntry = { readonly id: string; readonly body: string };

/** The log's tree, and the ids of the records in the tile that is not full yet. */
export type Growth = { readonly tree: Tree; readonly ids: readonly string[] };

export function loadGrowth(tree: Tree, tables: AuditTables): Growth {
  const newest = [...tables.entries(tree.size - tree.leaves.length, tree.size)];
  return { tree, ids: newest.map(({ body }) => entryId(body)) };
}

/** To be called inside a transaction. */
export function growTree(from: Growth, tables: AuditTables, entries: readonly NewEntry[]): Growth {
  let tree = from.tree;
  let ids = [...from.ids];
  for (const { id, body } of entries) {
    tables.addEntry({ position: tree.size, body });
    tree = appendLeaf(tree, textLeafHash(body), tables.addHashes);
    ids.push(id);
    if (tree.size % tileWidth > 0) continue;
    tables.indexEntries(ids, tree.size - tileWidth);
    ids = [];
  }
  return { tree, ids };
}
