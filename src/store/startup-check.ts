// Before the first new record: does what is stored agree with what was signed? The newest records are hashed again in
// full, older ones by their tile roots; `plimsoll log verify` hashes everything.

import { errorText, PlimsollError } from "../base/errors.ts";
import type { AuditTables } from "./audit-tables.ts";
import { isSignedBy, type NoteVerifier, readCheckpoint, type SignedCheckpoint } from "./checkpoint.ts";
import { leafHash, rangeHash, tileRoot, tileWidth } from "./merkle.ts";
import { entryId } from "./record.ts";

export type StoredLog = {
  readonly file: string;
  readonly tables: AuditTables;
  readonly verifier: NoteVerifier;
  readonly origin: string;
  /** The checkpoint beside the database, which a rolled-back database does not know. */
  readonly sideNote?: string;
  /** Bodies to hash again, in tiles of 256. */
  readonly maxTiles: number;
};

/** @throws PlimsollError LOG_CORRUPT */
export function checkStoredLog(log: StoredLog): void {
  const size = log.tables.span().end;
  const note = log.tables.lastCheckpoint();
  if (note !== undefined) checkCheckpoint(log, note, size, `${log.file}, newest checkpoint`);
  else if (size > 0) throw corrupt(log.file, `${size} records, but no checkpoint`);
  if (log.sideNote !== undefined) checkCheckpoint(log, log.sideNote, size, "the checkpoint file beside the log");
  checkBodies(log, size);
}

function checkCheckpoint(log: StoredLog, note: string, size: number, where: string): void {
  const checkpoint = readSigned(log, note, where);
  if (checkpoint.size > size) {
    throw corrupt(
      log.file,
      `${where} vouches for ${checkpoint.size} records, found ${size}: records were cut off or an old file was put back`,
    );
  }
  if (checkpoint.size === 0) return;
  if (!Buffer.from(rangeHash(0, checkpoint.size, log.tables.readHash)).equals(checkpoint.root)) {
    throw corrupt(
      log.file,
      `the hashes of the first ${checkpoint.size} records do not agree with ${where}: they were changed`,
    );
  }
}

function readSigned(log: StoredLog, note: string, where: string): SignedCheckpoint {
  try {
    const checkpoint = readCheckpoint(note, where);
    if (checkpoint.origin === log.origin && isSignedBy(checkpoint, log.verifier)) return checkpoint;
  } catch (cause) {
    throw corrupt(log.file, errorText(cause), cause);
  }
  throw corrupt(log.file, `${where} is not signed by this log's key`);
}

function checkBodies(log: StoredLog, size: number): void {
  const span = log.tables.span();
  const dropped = Number(log.tables.setting("droppedRecords") ?? 0);
  if (span.start !== dropped) throw corrupt(log.file, `the first record is ${span.start}, expected ${dropped}`);
  const newest = Math.max(span.start, (Math.floor(size / tileWidth) - log.maxTiles) * tileWidth);
  let expected = newest;
  for (const entry of log.tables.entries(newest, size)) {
    if (entry.position !== expected) break;
    const isWhole = entry.position < size - (size % tileWidth);
    const hash = isWhole ? log.tables.readHash(0, entry.position) : undefined;
    if (hash !== undefined && !Buffer.from(hash).equals(leafHash(Buffer.from(entry.body)))) {
      throw corrupt(
        log.file,
        `record ${entry.position} (${entryId(entry.body)}) is not what was logged: it was changed`,
      );
    }
    expected++;
  }
  if (expected !== size) throw corrupt(log.file, `record ${expected} is missing, ${size} were logged`);
  checkTileRoots(log, newest, size);
}

/** A leaf hash that was changed together with its record no longer makes its tile's root. */
function checkTileRoots(log: StoredLog, start: number, size: number): void {
  for (let tile = Math.ceil(start / tileWidth); (tile + 1) * tileWidth <= size; tile++) {
    const isWhole = log.tables.tile(0, tile).length === tileWidth * 32;
    if (!isWhole || !Buffer.from(log.tables.readHash(1, tile)).equals(tileRoot(1, tile, log.tables.readHash))) {
      const last = (tile + 1) * tileWidth - 1;
      throw corrupt(log.file, `the hashes of records ${tile * tileWidth} to ${last} are missing or were changed`);
    }
  }
}

function corrupt(file: string, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError("LOG_CORRUPT", `${file}: ${what}`, {
    hint: "run plimsoll log verify for the whole picture, then move audit.db, audit.db-wal, checkpoint and journal to another folder, as evidence, to begin a new log",
    cause,
  });
}
