// A request's opening becomes a line of the intent journal; its end becomes a row and a leaf of the tree, all ends of one
// event-loop turn in one transaction.

import { errorText, PlimsollError } from "../base/errors.ts";
import type { AuditOpening, AuditOutcome, AuditRecord } from "../model/audit.ts";
import type { AuditTables } from "./audit-tables.ts";
import type { DiskRoom } from "./disk-room.ts";
import type { Database } from "./driver.ts";
import { groupCommit } from "./group-commit.ts";
import type { IntentJournal } from "./intent-journal.ts";
import { logNote } from "./log-note.ts";
import type { Tree } from "./merkle.ts";
import { recordWriter } from "./record.ts";
import { growTree, type NewEntry } from "./tree-growth.ts";

export type WriterParts = {
  readonly database: Database;
  readonly tables: AuditTables;
  readonly journal: IntentJournal;
  readonly tree: Tree;
  readonly room: DiskRoom;
  readonly nowMs: () => number;
  /** With a full disk, in enforce mode: refuse requests, or let them pass without a record as observe does. */
  readonly onFull: "refuse" | "serve";
  /** What operators should know: the log is full, the log has room again. */
  readonly tell: (notice: string) => void;
  /** After each commit. */
  readonly onCommit: (tree: Tree) => void;
};

/** The time without room: what the record that ends it will say. */
type Gap = { readonly sinceMs: number; readonly lost: number; readonly refused: number };

/** Ends of open requests that are kept in memory while not even the reserve takes them. */
const maxKeptBack = 10_000;
const maxRecentIds = 4096;

export class AuditWriter {
  readonly #parts: WriterParts;
  readonly #group = groupCommit((ends: readonly NewEntry[]) => this.#commit(ends));
  readonly #records = recordWriter();
  /** A request that is closed twice keeps its first record. Sets keep their order: the oldest is first. */
  readonly #recentIds = new Set<string>();
  #tree: Tree;
  #lost = 0;
  #writes = 0;
  #gap: Gap | undefined;
  #keptBack: readonly NewEntry[] = [];

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#tree = parts.tree;
  }

  get tree(): Tree {
    return this.#tree;
  }

  /** Requests that passed without a record. */
  get lost(): number {
    return this.#lost;
  }

  /** Openings and commits so far. */
  get writes(): number {
    return this.#writes;
  }

  async open(opening: AuditOpening): Promise<void> {
    try {
      if (!this.#hasRoom()) throw new Error("no room on the disk");
      this.#parts.journal.add(opening.id, this.#records.opening(opening));
      this.#writes++;
    } catch (cause) {
      this.#becomeFull(cause);
      if (!this.#mustRecord(opening)) return; // passes; its end counts as lost if there is no room then either
      this.#count({ refused: 1 });
      throw unavailable(this.#parts.database.file, cause);
    }
  }

  /** @returns false when the request had its record already */
  async close(opening: AuditOpening, outcome: AuditOutcome): Promise<boolean> {
    if (this.#recentIds.has(opening.id)) return false;
    const wasOpen = this.#parts.journal.has(opening.id);
    try {
      await this.#group.add({ id: opening.id, body: this.#records.record(opening, outcome) });
    } catch (cause) {
      if (this.#mustRecord(opening)) throw unavailable(this.#parts.database.file, cause);
      if (wasOpen) return true; // kept back: written when there is room, and found as interrupted after a crash
      this.#lost++;
      this.#count({ lost: 1 });
    }
    return true;
  }

  #mustRecord(opening: AuditOpening): boolean {
    return opening.mode === "enforce" && this.#parts.onFull === "refuse";
  }

  /** Appends a record about the log itself; `also` happens in the same transaction. */
  note(record: AuditRecord, also: () => void): void {
    this.#write([toEntry(record, this.#records.record)], also);
  }

  /** Writes what waits, and what a full disk kept back. */
  flush(): void {
    this.#group.flush();
    this.#hasRoom();
  }

  #commit(ends: readonly NewEntry[]): ReadonlyMap<NewEntry, unknown> {
    if (!this.#hasRoom()) return this.#commitFromReserve(ends, new Error("no room on the disk"));
    try {
      this.#write(ends);
      return new Map();
    } catch (cause) {
      this.#becomeFull(cause);
      return this.#commitFromReserve(ends, cause);
    }
  }

  /** All or none: what is in memory changes only after the transaction. */
  #write(ends: readonly NewEntry[], also: () => void = () => {}): void {
    const { database, tables, journal, onCommit } = this.#parts;
    const fresh = new Map(ends.filter((end) => !this.#recentIds.has(end.id)).map((end) => [end.id, end]));
    this.#tree = database.transact(() => {
      also();
      return growTree(this.#tree, tables, [...fresh.values()]);
    });
    this.#writes++;
    for (const id of fresh.keys()) {
      journal.end(id);
      this.#recentIds.add(id);
    }
    for (const id of this.#recentIds) {
      if (this.#recentIds.size <= maxRecentIds) break;
      this.#recentIds.delete(id);
    }
    onCommit(this.#tree);
  }

  /** Nothing new is let in; what was let in before the disk was full gets its end from the reserve. */
  #commitFromReserve(ends: readonly NewEntry[], cause: unknown): ReadonlyMap<NewEntry, unknown> {
    const ofOpen = ends.filter((end) => this.#parts.journal.has(end.id));
    const failed = new Map(ends.filter((end) => !ofOpen.includes(end)).map((end) => [end, cause]));
    if (ofOpen.length === 0) return failed;
    try {
      this.#write(ofOpen);
      this.#trimJournal();
    } catch (again) {
      this.#keptBack = [...this.#keptBack, ...ofOpen].slice(0, maxKeptBack);
      for (const end of ofOpen) failed.set(end, again);
    }
    return failed;
  }

  #becomeFull(cause: unknown): void {
    if (this.#gap !== undefined) return;
    const sinceMs = this.#parts.nowMs();
    this.#parts.room.release(sinceMs);
    this.#gap = { sinceMs, lost: 0, refused: 0 };
    this.#trimJournal();
    const note = fullNote(sinceMs, cause);
    this.#parts.tell(note.reason);
    try {
      this.#write([toEntry(note, this.#records.record)]);
    } catch {
      // not even the reserve: the record that ends the gap says since when it lasted
    }
  }

  /** Journals take several times the room of the records in them. */
  #trimJournal(): void {
    try {
      this.#parts.database.trimJournal();
    } catch {
      // Nothing is lost: the journal stays as long as it is, and the next write says whether there is room.
    }
  }

  /** Tries to end the gap when there is one. */
  #hasRoom(): boolean {
    const { room, nowMs } = this.#parts;
    if (!room.isFull()) return true;
    if (!room.regain(nowMs())) return false;
    const note = roomAgainNote(this.#gap ?? { sinceMs: nowMs(), lost: 0, refused: 0 }, nowMs());
    try {
      this.#write([...this.#keptBack, toEntry(note, this.#records.record)]);
    } catch {
      room.release(nowMs());
      return false; // full again: the gap goes on
    }
    this.#keptBack = [];
    this.#gap = undefined;
    this.#parts.tell(note.reason);
    return true;
  }

  #count(missed: { readonly lost?: number; readonly refused?: number }): void {
    if (this.#gap === undefined) return;
    const { sinceMs, lost, refused } = this.#gap;
    this.#gap = { sinceMs, lost: lost + (missed.lost ?? 0), refused: refused + (missed.refused ?? 0) };
  }
}

type WriteRecord = (opening: AuditOpening, outcome: AuditOutcome) => string;

function fullNote(nowMs: number, cause: unknown): AuditRecord {
  const reason = `the audit log is full (${errorText(cause)}): requests are refused where policy is enforced, elsewhere they pass without a record`;
  return logNote("audit/full", reason, {}, nowMs);
}

function roomAgainNote({ sinceMs, refused, lost }: Gap, nowMs: number): AuditRecord {
  const since = new Date(sinceMs).toISOString();
  const reason = `the audit log has room again: since ${since} ${refused} requests were refused and ${lost} passed without a record`;
  return logNote("audit/room-again", reason, { since, lost, refused }, nowMs);
}

function toEntry(record: AuditRecord, write: WriteRecord): NewEntry {
  return { id: record.id, body: write(record, record) };
}

function unavailable(file: string, cause: unknown): PlimsollError {
  return new PlimsollError("AUDIT_UNAVAILABLE", `the audit log cannot take a record: ${errorText(cause)}`, {
    hint: `make room on the disk that holds ${file}`,
    cause,
  });
}
