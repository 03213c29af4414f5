// Records that are promised wait here until a transaction puts many of them into the database at once.

import type { AuditTables } from "./audit-tables.ts";
import type { Database } from "./driver.ts";
import type { Journal } from "./journal.ts";
import type { Tree } from "./merkle.ts";
import { type Kept, offHeap, readKept } from "./off-heap.ts";
import { type Growth, growTree, type NewEntry } from "./tree-growth.ts";

export interface Fold {
  tree(): Tree;
  /** Records that the database does not have yet. */
  waiting(): number;
  /** Of a record that the journal has. */
  add(entry: NewEntry): void;
  /** Puts what waits into the database, now. @throws what the database throws: then it goes on waiting */
  run(): void;
  /** One record by itself; `also` happens in the same transaction. */
  write(entry: NewEntry, also: () => void): void;
  stop(): void;
}

export type FoldParts = {
  readonly database: Database;
  readonly tables: AuditTables;
  readonly journal: Journal;
  readonly log: Growth;
  /** A transaction that came by itself failed; the next is tried after a second. */
  readonly onFailure: (cause: unknown) => void;
  /** After each transaction. */
  readonly onCommit: (tree: Tree) => void;
};

/** How long a record may wait: those who read the log see it so much later. */
const foldEveryMs = 50;
const retryMs = 1000;
/** Between two transactions when more waits than one takes, so that requests get their turn. */
const pauseMs = 1;
/** So many do not wait for the clock, which comes late while the process has too much to do. */
const maxWaiting = 4096;
/** Of one transaction: some milliseconds in which nothing else happens. */
const maxBatch = 512;

export function startFold({ database, tables, journal, log: start, onFailure, onCommit }: FoldParts): Fold {
  let log = start;
  const texts = offHeap();
  let waiting: Kept[] = [];
  let timer: NodeJS.Timeout | undefined;

  function commit(entries: readonly NewEntry[], also: () => void): void {
    log = database.transact(() => {
      also();
      return growTree(log, tables, entries);
    });
  }

  function step(): void {
    const batch = waiting.slice(0, maxBatch).map(readKept);
    commit(batch, () => {});
    waiting = waiting.slice(batch.length);
    if (waiting.length === 0) texts.clear();
    journal.forget(batch.map(({ id }) => id));
    onCommit(log.tree);
  }

  function schedule(delayMs: number): void {
    timer ??= setTimeout(stepByItself, delayMs).unref();
  }

  function stepByItself(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    try {
      step();
      if (waiting.length > 0) schedule(pauseMs);
    } catch (cause) {
      onFailure(cause);
      schedule(retryMs);
    }
  }

  return {
    tree: () => log.tree,
    waiting: () => waiting.length,
    add(entry) {
      waiting.push(texts.keep(entry));
      schedule(foldEveryMs);
      if (waiting.length % maxWaiting === 0) stepByItself();
    },
    run() {
      while (waiting.length > 0) step();
    },
    write(entry, also) {
      commit([entry], also);
      onCommit(log.tree);
    },
    stop: () => clearTimeout(timer),
  };
}
