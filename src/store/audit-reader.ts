// The audit log for those who only read it: opened read-only, while plimsoll runs or not.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PlimsollError } from "../base/errors.ts";
import { auditFile, checkpointFile } from "./audit-files.ts";
import { type AuditTables, auditTables } from "./audit-tables.ts";
import { type NoteVerifier, readVerifierKey } from "./checkpoint.ts";
import { sqlite } from "./drivers/sqlite.ts";
import { auditMigrations } from "./migrations.ts";
import { publicKeyFile } from "./signing-key.ts";

export interface AuditReader {
  readonly folder: string;
  readonly tables: AuditTables;
  /** The key that this folder holds; whoever may write the folder may replace it. */
  verifier(): NoteVerifier;
  /** The newest published checkpoint, "" before the first. */
  publishedNote(): string;
  snapshot<T>(work: () => T): T;
  close(): void;
}

/** @throws PlimsollError NOT_FOUND when the folder has no log, STORE_UNAVAILABLE when it cannot be read */
export function openAuditReader(folder: string): AuditReader {
  const file = join(folder, auditFile);
  if (!existsSync(file)) {
    throw new PlimsollError("NOT_FOUND", `${folder}: no audit log`, {
      hint: "start plimsoll once, or name its state folder with --state",
    });
  }
  const database = sqlite.open(file, { access: "read", migrations: auditMigrations, busyTimeoutMs: 5000 });
  return {
    folder,
    tables: auditTables(database),
    verifier: () => readVerifierKey(readFileSync(join(folder, publicKeyFile), "utf8"), join(folder, publicKeyFile)),
    publishedNote: () => readOrEmpty(join(folder, checkpointFile)),
    snapshot: database.snapshot,
    close: database.close,
  };
}

function readOrEmpty(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
