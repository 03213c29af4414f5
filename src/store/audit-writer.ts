// A request's opening becomes a line of the journal before the engine is asked, its record another one before the caller
// sees the end of the answer. The database takes records from there many at a time, off the path of any request.

import { errorText, PlimsollError } from "../base/errors.ts";
import type { AuditOpening, AuditOutcome, AuditRecord } from "../model/audit.ts";
import type { AuditTables } from "./audit-tables.ts";
import type { DiskRoom } from "./disk-room.ts";
import type { Database } from "./driver.ts";
import { type Fold, startFold } from "./fold.ts";
import { fullNote, type Gap, roomAgainNote } from "./full-notes.ts";
import type { Journal } from "./journal.ts";
import type { Tree } from "./merkle.ts";
import { recentIds } from "./recent-ids.ts";
import { recordWriter } from "./record.ts";
import type { Growth, NewEntry } from "./tree-growth.ts";

export type WriterParts = {
  readonly database: Database;
  readonly tables: AuditTables;
  readonly journal: Journal;
  readonly log: Growth;
  readonly room: DiskRoom;
  readonly nowMs: () => number;
  /** With a full disk, in enforce mode: refuse requests, or let them pass without a record as observe does. */
  readonly onFull: "refuse" | "serve";
  /** What operators should know: the log is full, the log has room again. */
  readonly tell: (notice: string) => void;
  /** After each transaction. */
  readonly onCommit: (tree: Tree) => void;
};

/** Ends of open requests that are kept in memory while not even the reserve takes them. */
const maxKeptBack = 10_000;
const minRecentIds = 4096;

export class AuditWriter {
  readonly #parts: WriterParts;
  readonly #fold: Fold;
  readonly #records = recordWriter();
  /** Let through, and no end in the journal yet. */
  readonly #open = new Set<string>();
  /** A request that is closed twice keeps its first record. */
  readonly #recentIds = recentIds(minRecentIds);
  readonly #keptBack = new Map<string, NewEntry>();
  #lost = 0;
  #writes = 0;
  #gap: Gap | undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#fold = startFold({ ...parts, onFailure: (cause) => this.#becomeFull(cause) });
  }

  /** Of what the database has. */
  get tree(): Tree {
    return this.#fold.tree();
  }

  /** Records, those included that the database does not have yet. */
  get size(): number {
    return this.tree.size + this.#fold.waiting();
  }

  /** Requests that passed without a record. */
  get lost(): number {
    return this.#lost;
  }

  /** Lines of the journal so far. */
  get writes(): number {
    return this.#writes;
  }

  get openRequests(): number {
    return this.#open.size;
  }

  async open(opening: AuditOpening): Promise<void> {
    try {
      if (!this.#hasRoom()) throw new Error("no room on the disk");
      this.#parts.journal.put(opening.id, this.#records.opening(opening));
      this.#open.add(opening.id);
      this.#writes++;
    } catch (cause) {
      this.#becomeFull(cause);
      if (!this.#mustRecord(opening)) return; // passes; its end counts as lost if there is no room then either
      this.#count({ refused: 1 });
      throw this.#unavailable(cause);
    }
  }

  /** @returns false when the request had its record already */
  async close(opening: AuditOpening, outcome: AuditOutcome): Promise<boolean> {
    if (this.#recentIds.has(opening.id) || this.#keptBack.has(opening.id)) return false;
    const isOpen = this.#open.has(opening.id);
    const end = { id: opening.id, body: this.#records.record(opening, outcome) };
    try {
      this.#append(end, isOpen);
    } catch (cause) {
      // Kept back: written when there is room, and found as interrupted after a crash.
      const isKept = isOpen && this.#keepBack(end);
      if (this.#mustRecord(opening)) throw this.#unavailable(cause);
      if (isKept) return true;
      this.#lost++;
      this.#count({ lost: 1 });
    }
    return true;
  }

  /** Appends a record about the log itself; `also` happens in the same transaction. */
  note(record: AuditRecord, also: () => void): void {
    this.#fold.run();
    this.#fold.write(this.#toEntry(record), also);
    this.#writes++;
  }

  /** Puts into the database what waits, and what a full disk kept back, as far as there is room. */
  flush(): void {
    try {
      this.#fold.run();
    } catch (cause) {
      this.#becomeFull(cause);
    }
    this.#hasRoom();
  }

  stop(): void {
    this.flush();
    this.#fold.stop();
  }

  #mustRecord(opening: AuditOpening): boolean {
    return opening.mode === "enforce" && this.#parts.onFull === "refuse";
  }

  /** Nothing new is let in without room; what was let in before the disk was full gets its end from the reserve. */
  #append(end: NewEntry, mayUseReserve: boolean): void {
    const hasRoom = this.#hasRoom();
    if (!hasRoom && !mayUseReserve) throw new Error("no room on the disk");
    try {
      this.#put(end);
    } catch (cause) {
      this.#becomeFull(cause);
      if (!hasRoom || !mayUseReserve) throw cause;
      this.#put(end);
    }
  }

  #put(end: NewEntry): void {
    this.#parts.journal.put(end.id, end.body);
    this.#writes++;
    this.#fold.add(end);
    this.#open.delete(end.id);
    this.#recentIds.add(end.id);
  }

  #keepBack(end: NewEntry): boolean {
    if (this.#keptBack.size >= maxKeptBack) return false;
    this.#keptBack.set(end.id, end);
    return true;
  }

  #becomeFull(cause: unknown): void {
    if (this.#gap !== undefined) return;
    const sinceMs = this.#parts.nowMs();
    this.#parts.room.release(sinceMs);
    this.#gap = { sinceMs, lost: 0, refused: 0 };
    this.#trimJournals();
    const note = fullNote(sinceMs, cause);
    this.#parts.tell(note.reason);
    try {
      this.#put(this.#toEntry(note));
    } catch {
      // not even the reserve: the record that ends the gap says since when it lasted
    }
  }

  /** The database's own journal takes several times the room of the records in it. */
  #trimJournals(): void {
    try {
      this.#parts.database.trimJournal();
    } catch {
      // Nothing is lost: the journal stays as long as it is, and the next write says whether there is room.
    }
  }

  /** Tries to end the gap when there is one. */
  #hasRoom(): boolean {
    const { room, nowMs, tell } = this.#parts;
    if (!room.isFull()) return true;
    if (!room.regain(nowMs())) return false;
    const note = roomAgainNote(this.#gap ?? { sinceMs: nowMs(), lost: 0, refused: 0 }, nowMs());
    try {
      for (const end of this.#keptBack.values()) this.#putKeptBack(end);
      this.#fold.run();
      this.#put(this.#toEntry(note));
    } catch {
      room.release(nowMs());
      return false; // full again: the gap goes on
    }
    this.#gap = undefined;
    tell(note.reason);
    return true;
  }

  #putKeptBack(end: NewEntry): void {
    this.#put(end);
    this.#keptBack.delete(end.id);
  }

  #count(missed: { readonly lost?: number; readonly refused?: number }): void {
    if (this.#gap === undefined) return;
    const { sinceMs, lost, refused } = this.#gap;
    this.#gap = { sinceMs, lost: lost + (missed.lost ?? 0), refused: refused + (missed.refused ?? 0) };
  }

  #toEntry(record: AuditRecord): NewEntry {
    return { id: record.id, body: this.#records.record(record, record) };
  }

  #unavailable(cause: unknown): PlimsollError {
    return new PlimsollError("AUDIT_UNAVAILABLE", `the audit log cannot take a record: ${errorText(cause)}`, {
      hint: `make room on the disk that holds ${this.#parts.database.file}`,
      cause,
    });
  }
}
