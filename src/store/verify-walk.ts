// One walk over the log, leaf by leaf: the tree is built anew from the records, and each stored hash compared on the way.

import type { AuditTables, Entry } from "./audit-tables.ts";
import { isLogNote } from "./log-note.ts";
import { appendLeaf, emptyTree, leafHash, type TileHashes, type Tree, tileWidth } from "./merkle.ts";
import { entryId, readRecord } from "./record.ts";
import type { LogProblem } from "./verify-log.ts";

type Report = (problem: LogProblem) => void;

/**
 * Where a record is not what was hashed, the stored hash takes its place, so that one changed record is one problem.
 * @param grown called after each leaf
 */
export function walkLog(tables: AuditTables, report: Report, grown: (tree: Tree) => void): Tree {
  let tree = emptyTree;
  grown(tree);
  for (const leaf of leaves(tables, report)) {
    tree = appendLeaf(tree, leaf, (gained) => compareHashes(tables, gained, report));
    grown(tree);
  }
  return tree;
}

function compareHashes(tables: AuditTables, { level, tile, first, hashes }: TileHashes, report: Report): void {
  if (level === 0) return; // the walk compared each leaf already
  const stored = tables.tile(level, tile).subarray(first * 32, (first + hashes.length) * 32);
  if (Buffer.concat(hashes).equals(stored)) return;
  const width = tileWidth ** level;
  const start = (tile * tileWidth + first) * width;
  report({
    kind: "hash",
    position: start,
    message: `records ${start} to ${start + width - 1} do not make the hash that was stored for them`,
  });
}

function* leaves(tables: AuditTables, report: Report): Generator<Uint8Array> {
  const { start, end } = tables.span();
  yield* droppedLeaves(tables, start, report);
  const retention = retentionCheck(start, report);
  let expected = start;
  for (const entry of tables.entries(start, end)) {
    for (; expected < entry.position; expected++) yield missing(tables, expected, report);
    yield compareEntry(tables, entry, entry.position < end - (end % tileWidth), report);
    retention.see(entry);
    expected++;
  }
  retention.end();
}

/** Bodies are gone, hashes are not. */
function* droppedLeaves(tables: AuditTables, start: number, report: Report): Generator<Uint8Array> {
  for (let position = 0; position < start; position++) {
    const leaf = storedLeaf(tables, position);
    if (leaf === undefined) report({ kind: "hash", position, message: `the hash of record ${position} is missing` });
    yield leaf ?? new Uint8Array(32);
  }
}

function storedLeaf(tables: AuditTables, position: number): Uint8Array | undefined {
  const first = (position % tileWidth) * 32;
  const hash = tables.tile(0, Math.floor(position / tileWidth)).subarray(first, first + 32);
  return hash.length === 32 ? hash : undefined;
}

function missing(tables: AuditTables, position: number, report: Report): Uint8Array {
  report({ kind: "record", position, message: `record ${position} is missing` });
  return storedLeaf(tables, position) ?? new Uint8Array(32);
}

function compareEntry(tables: AuditTables, entry: Entry, isOfWholeTile: boolean, report: Report): Uint8Array {
  const { position, body } = entry;
  const found = leafHash(Buffer.from(body));
  const stored = storedLeaf(tables, position);
  if (stored === undefined && isOfWholeTile) {
    report({ kind: "hash", position, message: `the hash of record ${position} is missing` });
  }
  if (stored !== undefined && !Buffer.from(found).equals(stored)) report(changed(tables, entry, found));
  else if (isOfWholeTile && tables.indexedPosition(entryId(body)) !== position) {
    report({ kind: "index", position, message: `record ${position} (${entryId(body)}) cannot be found by its id` });
  }
  return stored ?? found;
}

function changed(tables: AuditTables, { position, body }: Entry, found: Uint8Array): LogProblem {
  const tile = Buffer.from(tables.tile(0, Math.floor(position / tileWidth)));
  const place = tile.indexOf(found);
  const other = position - (position % tileWidth) + place / 32;
  const what =
    place >= 0 && place % 32 === 0 ? `it is what was logged as record ${other}` : `it now reads ${body.slice(0, 200)}`;
  return { kind: "record", position, message: `record ${position} was changed: ${what}` };
}

/** Dropping records is itself a record: the log has to say that its beginning went by retention. */
function retentionCheck(start: number, report: Report): { see(entry: Entry): void; end(): void } {
  let admitted = 0;
  return {
    see({ body }) {
      if (!body.includes('"audit/pruned"')) return;
      admitted = Math.max(admitted, droppedBy(body));
    },
    end() {
      if (admitted === start) return;
      const message = `the log begins with record ${start}, but retention has dropped ${admitted} records`;
      report({ kind: "retention", position: start, message });
    },
  };
}

function droppedBy(body: string): number {
  try {
    const record = readRecord(body);
    const { dropped } = record.facts;
    return isLogNote(record) && typeof dropped === "number" ? dropped : 0;
  } catch {
    return 0; // a changed record admits nothing; the walk reports it
  }
}
