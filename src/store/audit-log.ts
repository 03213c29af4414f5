// The audit log: every request is one record, on disk before the engine is asked, in a tree that cannot be changed unseen.

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { errorText, PlimsollError } from "../base/errors.ts";
import type { AuditRecord, AuditSink } from "../model/audit.ts";
import { auditFile, checkpointFile, journalFile, reserveFile } from "./audit-files.ts";
import { type AuditTables, auditTables } from "./audit-tables.ts";
import { AuditWriter } from "./audit-writer.ts";
import { type NoteSigner, readCheckpoint, readVerifierKey, writeVerifierKey } from "./checkpoint.ts";
import { type Checkpointer, checkpointer } from "./checkpointer.ts";
import { type DiskRoom, layReserve } from "./disk-room.ts";
import type { Database, StoreDriver } from "./driver.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { type Journal, openJournal } from "./journal.ts";
import { loadTree, rootOf } from "./merkle.ts";
import { auditMigrations } from "./migrations.ts";
import { recoverJournal } from "./recover.ts";
import { replaceFile } from "./replace-file.ts";
import { dropDueRecords, type RetentionRules } from "./retention.ts";
import { loadSigner } from "./signing-key.ts";
import { checkStoredLog } from "./startup-check.ts";
import { exportTiles } from "./tiles.ts";
import { loadGrowth } from "./tree-growth.ts";

export type AuditLogOptions = {
  readonly folder: string;
  readonly driver: StoreDriver;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly checkpointEveryRecords: number;
  readonly checkpointEveryMs: number;
  readonly retention: RetentionRules;
  /** With a full disk, in enforce mode: refuse requests, or serve them without a record. */
  readonly onFull: "refuse" | "serve";
  /** Kept aside so that a full disk leaves room for the ends of open requests. */
  readonly reserveBytes: number;
  /** Absolute: the log is written there as C2SP tlog-tiles, with each checkpoint. */
  readonly tilesFolder?: string;
  /** Receives each signed checkpoint once it would survive a power cut: a witness file, syslog. */
  readonly onCheckpoint: (note: string) => void;
  /** What operators should know and no request can carry. */
  readonly onProblem: (cause: unknown) => void;
};

export interface AuditLog extends AuditSink {
  /** Name of the log in its checkpoints. */
  readonly origin: string;
  /** Records in the log. */
  size(): number;
  /** Hex. */
  root(): string;
  /** Requests that passed without a record since the start (observe and warn, with a full disk). */
  lost(): number;
  /** The disk refused a record and has had no room since. */
  isFull(): boolean;
  /** Requests whose end is not known yet. */
  openRequests(): number;
  /** Makes readable what was acknowledged, without waiting for the next transaction. */
  flush(): void;
  /** Signs what there is. @returns the newest checkpoint, a signed note */
  checkpoint(): Promise<string>;
  /** Calls back with every finished request, in order. Returns a function that stops it. */
  onRecord(listener: (record: AuditRecord) => void): () => void;
  /** Writes and signs what is left. */
  stop(): Promise<void>;
}

/** @throws PlimsollError LOG_CORRUPT, STORE_UNAVAILABLE */
export function openAuditLog(options: AuditLogOptions): AuditLog {
  const room = layReserve(join(options.folder, reserveFile), options.reserveBytes, 1000);
  const file = join(options.folder, auditFile);
  const database = options.driver.open(file, { access: "write", migrations: auditMigrations, busyTimeoutMs: 250 });
  try {
    const tables = auditTables(database);
    const origin = originOf(database, tables);
    const signer = loadSigner(options.folder, origin, tables.span().end === 0);
    check(options.folder, tables, signer);
    const journalPath = join(options.folder, journalFile);
    const log = recoverJournal({
      ...{ file: journalPath, origin, database, tables },
      log: loadGrowth(loadTree(tables.span().end, tables.readHash), tables),
      ...{ nowMs: options.nowMs(), tell: options.onProblem },
    });
    const journal = openJournal(journalPath, origin, 8 * 1024 * 1024);
    const writer: AuditWriter = new AuditWriter({
      ...{ database, tables, journal, log, room, nowMs: options.nowMs, onFull: options.onFull },
      tell: options.onProblem,
      onCommit: (grown) => signing.grown(grown),
    });
    const signing: Checkpointer = checkpointer({
      ...{ database, tables, origin, signer, tree: () => writer.tree },
      everyRecords: options.checkpointEveryRecords,
      everyMs: options.checkpointEveryMs,
      onProblem: options.onProblem,
      publish: publisher(tables, options),
    });
    const stopHousekeeping = startHousekeeping({
      sync: async () => void (await Promise.all([database.sync(), journal.sync()])),
      writes: () => writer.writes,
      recover: () => writer.flush(),
      dropDue: () => dropDueRecords({ ...options.retention, database, tables, journal, writer, nowMs: options.nowMs }),
      onProblem: options.onProblem,
    });
    return assemble({
      database,
      journal,
      origin,
      room,
      writer,
      signing,
      stopHousekeeping,
      onProblem: options.onProblem,
    });
  } catch (cause) {
    database.close();
    if (cause instanceof PlimsollError) throw cause;
    throw new PlimsollError("AUDIT_UNAVAILABLE", `${file}: ${errorText(cause)}`, {
      hint: "make room on the disk that holds the state folder, and check that plimsoll's user may write it",
      cause,
    });
  }
}

/** The file beside the log first: whoever is told of a checkpoint later may rely on it. */
function publisher(tables: AuditTables, options: AuditLogOptions): (note: string) => void {
  let exportedSize = 0;
  return (note) => {
    replaceFile(join(options.folder, checkpointFile), note, 0o600);
    options.onCheckpoint(note);
    if (options.tilesFolder === undefined) return;
    exportTiles(tables, note, options.tilesFolder, exportedSize);
    exportedSize = readCheckpoint(note, "the newest checkpoint").size;
  };
}

function originOf(database: Database, tables: AuditTables): string {
  const known = tables.setting("origin");
  if (known !== undefined) return known;
  const host = hostname().replaceAll(/[^A-Za-z0-9.-]/g, "-") || "host";
  const origin = `plimsoll/${host}/${randomBytes(4).toString("hex")}`;
  database.transact(() => tables.saveSetting("origin", origin));
  return origin;
}

function check(folder: string, tables: AuditTables, signer: NoteSigner): void {
  const side = join(folder, checkpointFile);
  checkStoredLog({
    file: join(folder, auditFile),
    tables,
    verifier: readVerifierKey(writeVerifierKey(signer), "audit key"),
    origin: signer.name,
    maxTiles: 256,
    ...(existsSync(side) ? { sideNote: readFileSync(side, "utf8") } : {}),
  });
}

type OpenParts = {
  readonly database: Database;
  readonly journal: Journal;
  readonly origin: string;
  readonly room: DiskRoom;
  readonly writer: AuditWriter;
  readonly signing: Checkpointer;
  readonly stopHousekeeping: () => void;
  readonly onProblem: (cause: unknown) => void;
};

function assemble({
  database,
  journal,
  origin,
  room,
  writer,
  signing,
  stopHousekeeping,
  onProblem,
}: OpenParts): AuditLog {
  const listeners = new Set<(record: AuditRecord) => void>();
  return {
    origin,
    open: (opening) => writer.open(opening),
    async close(opening, outcome) {
      const isNew = await writer.close(opening, outcome);
      if (isNew && listeners.size > 0) tell(listeners, { ...opening, ...outcome });
    },
    size: () => writer.size,
    root() {
      writer.flush();
      return Buffer.from(rootOf(writer.tree)).toString("hex");
    },
    lost: () => writer.lost,
    isFull: () => room.isFull(),
    openRequests: () => writer.openRequests,
    flush: () => writer.flush(),
    checkpoint() {
      writer.flush();
      return signing.sign(writer.tree);
    },
    onRecord(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      stopHousekeeping();
      signing.stop();
      writer.stop();
      // What cannot be signed now, on a full disk, is signed at the next start.
      await signing.sign(writer.tree).catch(onProblem);
      journal.close();
      database.close();
    },
  };
}

/** A live view that breaks is left out from then on; the request that it showed is not to suffer. */
function tell(listeners: Set<(record: AuditRecord) => void>, record: AuditRecord): void {
  for (const listener of listeners) {
    try {
      listener(record);
    } catch {
      listeners.delete(listener);
    }
  }
}
