// Opens and closes become rows and leaves of the tree, all of one event-loop turn in one transaction.

import { errorText, PlimsollError } from "../base/errors.ts";
import type { AuditOpening, AuditOutcome, AuditRecord } from "../model/audit.ts";
import type { AuditTables } from "./audit-tables.ts";
import type { DiskRoom } from "./disk-room.ts";
import type { Database } from "./driver.ts";
import { groupCommit } from "./group-commit.ts";
import { logNote } from "./log-note.ts";
import type { Tree } from "./merkle.ts";
import { writeOpening, writeRecord } from "./record.ts";

export type WriterParts = {
  readonly database: Database;
  readonly tables: AuditTables;
  readonly tree: Tree;
  readonly room: DiskRoom;
  readonly nowMs: () => number;
  /** After each commit. */
  readonly onCommit: (tree: Tree) => void;
};

type Job = { readonly kind: "open" | "close"; readonly id: string; readonly body: string };
/** The time without room: what the record that ends it will say. */
type Gap = { readonly sinceMs: number; readonly lost: number; readonly refused: number };

/** Ends of open requests that are kept in memory while not even the reserve takes them. */
const maxKeptBack = 10_000;

export class AuditWriter {
  readonly #parts: WriterParts;
  readonly #group = groupCommit((jobs: readonly Job[]) => this.#commit(jobs));
  /** Requests on disk without an end, and the number of their row. */
  readonly #open = new Map<string, number>();
  #tree: Tree;
  #nextNumber = 1;
  #lost = 0;
  #gap: Gap | undefined;
  #keptBack: readonly Job[] = [];

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

  get openRequests(): number {
    return this.#open.size;
  }

  async open(opening: AuditOpening): Promise<void> {
    try {
      await this.#group.add({ kind: "open", id: opening.id, body: writeOpening(opening) });
    } catch (cause) {
      if (opening.mode !== "enforce") return; // passes; its end counts as lost if there is no room then either
      this.#count({ refused: 1 });
      throw unavailable(this.#parts.database.file, cause);
    }
  }

  async close(opening: AuditOpening, outcome: AuditOutcome): Promise<void> {
    const wasOpen = this.#open.has(opening.id);
    try {
      await this.#group.add({ kind: "close", id: opening.id, body: writeRecord(opening, outcome) });
    } catch (cause) {
      if (opening.mode === "enforce") throw unavailable(this.#parts.database.file, cause);
      if (wasOpen) return; // kept back: written when there is room, and found as interrupted after a crash
      this.#lost++;
      this.#count({ lost: 1 });
    }
  }

  /** Writes what waits, and what a full disk kept back. */
  flush(): void {
    this.#group.flush();
    if (this.#parts.room.isFull()) this.#regainRoom();
  }

  #commit(jobs: readonly Job[]): ReadonlyMap<Job, unknown> {
    if (this.#parts.room.isFull() && !this.#regainRoom()) return this.#commitFromReserve(jobs, new Error("no room"));
    try {
      this.#write(jobs);
      return new Map();
    } catch (cause) {
      this.#parts.room.release();
      return this.#commitFromReserve(jobs, cause);
    }
  }

  /** All jobs or none: what is in memory changes only after the transaction. */
  #write(jobs: readonly Job[]): void {
    const { database, tables, onCommit } = this.#parts;
    const opened = new Map<string, number>();
    let tree = this.#tree;
    database.transact(() => {
      for (const job of jobs) {
        if (job.kind === "open") opened.set(job.id, this.#writeOpening(job.body));
        else {
          const number = opened.get(job.id) ?? this.#open.get(job.id);
          if (number !== undefined) tables.removePending(number);
          tree = tables.append(tree, job.id, job.body);
        }
      }
    });
    this.#tree = tree;
    for (const [id, number] of opened) this.#open.set(id, number);
    for (const job of jobs) if (job.kind === "close") this.#open.delete(job.id);
    onCommit(tree);
  }

  #writeOpening(opening: string): number {
    const number = this.#nextNumber++;
    this.#parts.tables.addPending({ number, opening });
    return number;
  }

  /** Nothing new is let in; what was let in before the disk was full gets its end from the reserve. */
  #commitFromReserve(jobs: readonly Job[], cause: unknown): ReadonlyMap<Job, unknown> {
    const ends = jobs.filter((job) => job.kind === "close" && this.#open.has(job.id));
    const failed = new Map(jobs.filter((job) => !ends.includes(job)).map((job) => [job, cause]));
    const notes = this.#gap === undefined ? [fullNote(this.#parts.nowMs(), cause)] : [];
    this.#gap ??= { sinceMs: this.#parts.nowMs(), lost: 0, refused: 0 };
    if (ends.length + notes.length === 0) return failed;
    try {
      this.#write([...ends, ...notes]);
    } catch (again) {
      this.#keptBack = [...this.#keptBack, ...ends].slice(0, maxKeptBack);
      for (const end of ends) failed.set(end, again);
    }
    return failed;
  }

  #regainRoom(): boolean {
    const { room, nowMs } = this.#parts;
    if (!room.regain(nowMs())) return false;
    try {
      this.#write([...this.#keptBack, roomAgainNote(this.#gap ?? { sinceMs: nowMs(), lost: 0, refused: 0 }, nowMs())]);
    } catch {
      room.release();
      return false; // full again: the gap goes on
    }
    this.#keptBack = [];
    this.#gap = undefined;
    return true;
  }

  #count(missed: { readonly lost?: number; readonly refused?: number }): void {
    if (this.#gap === undefined) return;
    const { sinceMs, lost, refused } = this.#gap;
    this.#gap = { sinceMs, lost: lost + (missed.lost ?? 0), refused: refused + (missed.refused ?? 0) };
  }
}

function fullNote(nowMs: number, cause: unknown): Job {
  const reason = `the log is full (${errorText(cause)}): requests are refused where policy is enforced, elsewhere they pass without a record`;
  return toJob(logNote("audit/full", reason, {}, nowMs));
}

function roomAgainNote(gap: Gap, nowMs: number): Job {
  const since = new Date(gap.sinceMs).toISOString();
  const reason = `the log has room again: since ${since} ${gap.refused} requests were refused and ${gap.lost} passed without a record`;
  return toJob(logNote("audit/room-again", reason, { since, lost: gap.lost, refused: gap.refused }, nowMs));
}

function toJob(record: AuditRecord): Job {
  return { kind: "close", id: record.id, body: writeRecord(record, record) };
}

function unavailable(file: string, cause: unknown): PlimsollError {
  return new PlimsollError("AUDIT_UNAVAILABLE", `the audit log cannot take a record: ${errorText(cause)}`, {
    hint: `make room on the disk that holds ${file}`,
    cause,
  });
}
